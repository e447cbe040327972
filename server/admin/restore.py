"""``elms-server restore``: a backup into an empty database, brought to this server's version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Date, DateTime, MetaData, Table, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from server.admin.backup import ROWS_AT_ONCE, note, pepper_digest
from server.admin.backup_file import Header, Row, TableStart, read_backup
from server.context import Context
from server.database import Database, is_known, migrate, one_line
from server.errors import DatabaseError, SettingsError
from server.services import audit

HOLD_DATA = ("educators", "users", "calls", "audit_rows")
"""Tables that are empty after ``init`` or ``migrate``."""


def restore(context: Context, file: Path, *, any_pepper: bool = False) -> int:
    """Fill an empty database from a backup and bring it to this version; return how many rows.

    Raises DatabaseError if the backup is incomplete, the database is not empty, or the audit
    chain does not verify; SettingsError if the PINs were hashed with another pepper.
    """
    header = next(read_backup(file))
    assert isinstance(header, Header)  # noqa: S101 - the first part
    if not is_known(header.revision):
        raise DatabaseError(f"{file} was made by a newer server")
    if header.pepper != pepper_digest(context) and not any_pepper:
        raise SettingsError(
            "the pepper setting does not match the backup's, so no PIN or password would work; "
            "use that service's settings file, or --any-pepper and let everybody set new ones"
        )
    _make_empty(context.database)
    migrate(context.database, header.revision)
    rows = _fill(context.database, file)
    migrate(context.database)
    with context.database.read() as session:
        report = audit.verify_chain(session)
    if report.broken_at is not None:
        raise DatabaseError(
            f"all rows were restored, but the audit chain is broken at row {report.broken_at}, "
            f"as in the backup: {report.why}"
        )
    note(context, "database.restored", rows)
    return rows


def _make_empty(database: Database) -> None:
    try:
        tables = set(inspect(database.engine).get_table_names())
        with database.engine.connect() as connection:
            for name in tables.intersection(HOLD_DATA):
                if connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first():  # noqa: S608
                    raise DatabaseError("the database is not empty; restore into an empty one")
    except DBAPIError as error:
        raise DatabaseError(f"the database does not answer: {one_line(error)}") from None
    if tables:
        migrate(database, "base")


def _fill(database: Database, file: Path) -> int:
    """Restore everything in one transaction, so that an incomplete backup leaves nothing behind."""
    filled = None
    rows = 0
    try:
        with database.engine.execution_options(elms_write=True).begin() as connection:
            metadata = MetaData()
            metadata.reflect(connection)
            for part in read_backup(file):
                if isinstance(part, TableStart):
                    if filled is not None:
                        filled.finish()
                    filled = _Filled(connection, metadata, part, file)
                elif filled is not None and not isinstance(part, Header):
                    filled.add(part)
                    rows += 1
            if filled is not None:
                filled.finish()
    except DBAPIError as error:
        raise DatabaseError(f"{file} does not match the database: {one_line(error)}") from None
    return rows


class _Filled:
    """A table that is being filled."""

    def __init__(
        self, connection: Connection, metadata: MetaData, start: TableStart, file: Path
    ) -> None:
        table = metadata.tables.get(start.name)
        if table is None or not set(start.columns) <= set(table.columns.keys()):
            raise DatabaseError(f"{file} does not match the database: {start.name}")
        self._connection = connection
        self._table = table
        self._columns = [(name, _reader(table, name)) for name in start.columns]
        self._waiting: list[dict[str, Any]] = []
        connection.execute(table.delete())  # a row that a migration made

    def add(self, row: Row) -> None:
        pairs = zip(self._columns, row, strict=True)
        self._waiting.append({name: read(value) for (name, read), value in pairs})
        if len(self._waiting) >= ROWS_AT_ONCE:
            self._insert()

    def finish(self) -> None:
        self._insert()
        if self._connection.dialect.name == "postgresql":
            self._go_on_counting()

    def _insert(self) -> None:
        if self._waiting:
            self._connection.execute(self._table.insert(), self._waiting)
            self._waiting = []

    def _go_on_counting(self) -> None:
        """Advance PostgreSQL's sequence past the restored IDs, which it does not know about."""
        for column in self._table.primary_key:
            name, key = self._table.name, column.name
            sequence = self._connection.scalar(select(func.pg_get_serial_sequence(name, key)))
            if sequence is not None:
                highest = self._connection.scalar(select(func.max(column)))
                if highest is not None:
                    self._connection.execute(select(func.setval(sequence, highest)))


def _reader(table: Table, name: str) -> Callable[[Any], Any]:
    kind = table.columns[name].type
    if isinstance(kind, DateTime):
        return lambda value: value and datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return lambda value: value and date.fromisoformat(value)
    return lambda value: value
