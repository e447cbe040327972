"""The database: engine, transactions, and the schema's version.

On SQLite, every writing transaction starts with BEGIN IMMEDIATE, so that it waits for its turn
before it reads; a deferred one that reads first fails with "database is locked" under load. WAL
lets readers continue meanwhile, and with ``synchronous=FULL`` a counted attempt survives a crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from server.errors import BusyError, DatabaseError

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
BUSY_TIMEOUT_MS = 10_000
POOL_TIMEOUT_S = 5
POSTGRES_WAITS = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "options": f"-c lock_timeout={BUSY_TIMEOUT_MS}",
}
"""libpq parameters (seconds; milliseconds for tcp_user_timeout and lock_timeout) that detect a dead
server and limit the wait for a row lock."""


class _Turn:
    """A lock for SQLite's writers with the same timeout as the database itself."""

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise BusyError("the database is busy; try again")

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class Database:
    """One engine and the two kinds of transaction on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._writing = self.engine.execution_options(elms_write=True)
        self._turn: AbstractContextManager[object] = _Turn() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        """True if this is SQLite, which has one writer at a time."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that only reads."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or rolled back on an exception.

        SQLite itself waits by sleeping and polling; threads of this process take turns instead.
        """
        with (
            self._turn,
            Session(self._writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def ping(self) -> None:
        """Raise DatabaseError unless the database responds and has this version's tables."""
        file = Path(str(self.engine.url.database))
        if self.is_sqlite and not file.is_file():  # connecting would create an empty one
            raise DatabaseError(
                f"there is no database at {file}; create it with: elms-server migrate"
            )
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
                version = MigrationContext.configure(connection).get_current_revision()
        except DBAPIError as error:
            raise DatabaseError(f"the database does not respond: {one_line(error)}") from None
        _check_version(version)

    def try_writing(self) -> None:
        """Raise DatabaseError if this process may only read the database."""
        try:
            with self._writing.connect() as connection:
                connection.execute(text("UPDATE audit_head SET number = number"))
                connection.rollback()
        except DBAPIError as error:
            raise DatabaseError(f"the database is read-only: {one_line(error)}") from None

    def try_keeping(self) -> None:
        """Commit a test write; raise DatabaseError if it fails, as on a full disk.

        SQLite writes nothing for an unchanged row, so this changes a number in the file's header
        that nothing else uses. PostgreSQL writes its log for any update.
        """
        try:
            with self._turn, self._writing.begin() as connection:
                if self.is_sqlite:
                    mark = connection.execute(text("PRAGMA user_version")).scalar_one()
                    connection.execute(text(f"PRAGMA user_version = {1 - int(mark)}"))
                else:
                    connection.execute(text("UPDATE audit_head SET number = number"))
        except DBAPIError as error:
            raise DatabaseError(f"the database cannot write: {one_line(error)}") from None

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def migrate(database: Database, revision: str = "head") -> None:
    """Migrate the schema to a revision, up or down. Raises DatabaseError."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    try:
        with _migrating(database) as connection:
            config.attributes["connection"] = connection
            current = MigrationContext.configure(connection).get_current_revision()
            if revision == "head" or _is_ahead(current, revision):
                command.upgrade(config, revision)
            else:
                command.downgrade(config, revision)
    except DBAPIError as error:
        raise DatabaseError(f"the database cannot be prepared: {one_line(error)}") from None
    except CommandError as error:
        raise DatabaseError(f"the database has an unknown version: {error}") from None


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    """A transaction in which SQLite may drop and recreate a table, which some changes need:
    rows that refer to it stay."""
    with database.engine.execution_options(elms_write=True).connect() as connection:
        if not database.is_sqlite:
            with connection.begin():
                yield connection
            return
        _keep_references(connection, "OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            _keep_references(connection, "ON")


def _keep_references(connection: Connection, kept: str) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA foreign_keys = {kept}")


def version_of(database: Database) -> str | None:
    """The version of a database's tables; None where there are none. Raises DatabaseError."""
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        raise DatabaseError(f"the database does not answer: {one_line(error)}") from None


def newest() -> str | None:
    """The version of the tables that this server needs."""
    return _versions()[0]


def is_known(version: str) -> bool:
    """Return True if this server can migrate from that version."""
    return version in _versions()[1]


@cache
def _versions() -> tuple[str | None, frozenset[str]]:
    """The version this server needs, and all versions it knows; read from the files once."""
    script = ScriptDirectory(str(MIGRATIONS))
    return script.get_current_head(), frozenset(each.revision for each in script.walk_revisions())


def _check_version(version: str | None) -> None:
    wanted, known = _versions()
    if version == wanted:
        return
    advice = "run: elms-server migrate"
    if version is not None and version not in known:
        advice = "it was created by a newer server; update this one"
    raise DatabaseError(
        f"the database has version {version or 'none'}, this server needs {wanted}; {advice}"
    )


def one_line(error: DBAPIError) -> str:
    """The driver's first line, without SQL or its parameters."""
    return str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__


def _is_ahead(current: str | None, revision: str) -> bool:
    """Return True if a revision is later than the current one."""
    if revision == "base" or revision.startswith("-"):
        return False
    if current is None:
        return True
    script = ScriptDirectory(str(MIGRATIONS))
    return any(
        found.revision == current and found.revision != revision
        for found in script.walk_revisions(base="base", head=revision)
    )


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return _postgres_engine(parsed)
        if parsed.database in (None, "", ":memory:"):
            raise DatabaseError("the database must be a file: sqlite:///PATH")
        folder = Path(str(parsed.database)).resolve().parent
        if not folder.is_dir():
            raise DatabaseError(f"the folder {folder} for the database does not exist")
        engine = create_engine(
            parsed,
            pool_size=10,
            max_overflow=30,
            pool_timeout=POOL_TIMEOUT_S,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
        )
    except (ArgumentError, ModuleNotFoundError) as error:
        raise DatabaseError(f"database_url cannot be used: {error}") from None
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgres_engine(url: URL) -> Engine:
    """An engine with timeouts; those in the URL take precedence."""
    waits = {name: value for name, value in POSTGRES_WAITS.items() if name not in url.query}
    return create_engine(
        url,
        pool_size=10,
        max_overflow=30,
        pool_timeout=POOL_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args=waits,
    )


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we issue BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("elms_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
