"""``elms-server backup``: the whole database as one file, while the service runs (decision 55)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Select, select
from sqlalchemy.exc import DBAPIError

from server.admin.backup_file import SUFFIX, Header, Writer, new_backup
from server.context import Context
from server.database import newest, one_line, version_of
from server.errors import DatabaseError
from server.services import audit

LEFT_OUT = frozenset({"alembic_version", "web_sessions", "call_tokens"})
"""Nobody is signed in after a restore, and no call goes on."""

ROWS_AT_ONCE = 1_000


def back_up(context: Context, target: Path, keep: int | None = None) -> Path:
    """Write a backup to a new file, or to a file named after the time in a folder; return the file.

    ``keep`` is how many backups stay in the folder. Raises DatabaseError.
    """
    made = context.now()
    file = target / f"elms-{made:%Y%m%dT%H%M%SZ}{SUFFIX}" if target.is_dir() else target
    revision = version_of(context.database)
    if revision is None:
        raise DatabaseError("the database has no tables; there is nothing to back up")
    pepper = pepper_digest(context)
    with new_backup(file) as writer:
        writer.header(Header(revision, made.isoformat(timespec="seconds"), pepper))
        try:
            _copy(context, writer)
        except DBAPIError as error:
            raise DatabaseError(f"the database does not answer: {one_line(error)}") from None
    if revision == newest():
        note(context, "database.backed_up", writer.rows)
    if keep is not None and target.is_dir():
        _forget(target, keep)
    return file


def note(context: Context, action: audit.Action, rows: int) -> None:
    """An audit row of a backup or a restore."""
    with context.database.write() as session:
        audit.record(
            session,
            at=context.now(),
            actor="operator",
            action=action,
            subject="database",
            facts={"rows": rows},
        )


def pepper_digest(context: Context) -> str:
    """A keyed digest that tells whether a backup's PINs were hashed with this pepper."""
    return context.hasher.pseudonym("backup", "pepper")


def _copy(context: Context, writer: Writer) -> None:
    """All tables as they are at one moment."""
    level = {} if context.database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with context.database.engine.connect().execution_options(**level) as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        for table in metadata.sorted_tables:
            if table.name not in LEFT_OUT:
                writer.table(table.name, [column.name for column in table.columns])
                _copy_table(connection, writer, select(table).order_by(*table.primary_key))


def _copy_table(connection: Connection, writer: Writer, rows: Select[Any]) -> None:
    streaming = connection.execution_options(yield_per=ROWS_AT_ONCE)
    for row in streaming.execute(rows):
        writer.row(row)


def _forget(folder: Path, keep: int) -> None:
    for old in sorted(folder.glob(f"elms-*{SUFFIX}"))[:-keep]:
        old.unlink()
