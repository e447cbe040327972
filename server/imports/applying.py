"""Writes a plan in one transaction, with an audit row; a dry run only remembers it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import Role
from server.errors import ImportRefusedError
from server.imports.planning import Expected, Plan, plan
from server.imports.reading import Problems, read
from server.imports.rows import EDUCATORS, Kind
from server.models import Educator, PhoneAccess, User
from server.services import audit

ROWS_AT_ONCE = 500


def import_file(
    context: Context,
    kind: Kind,
    file: Path,
    *,
    expected: Expected | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Plan:
    """Import one file, all of it or nothing; with ``expected`` (a dry run) only compare it.

    What is new or changed is found out while the database is only read, so that telephone and
    pages wait for the writing alone. Raises ImportRefusedError.
    """
    problems = Problems(file)
    with context.database.read() as session:
        rows = read(file, kind, problems)
        made = plan(session, kind, rows, problems, expected or Expected(), progress)
    problems.raise_if_any()
    if expected is not None:
        _expect(expected, made)
    elif made.inserts or made.updates:
        _write(context, made, file)
    return made


def _expect(expected: Expected, made: Plan) -> None:
    if made.kind is EDUCATORS:
        expected.educators.update(row["license_number"] for row in made.inserts)
    elif made.kind.name == "applications":
        expected.applications.update(made.new_applications)


def _write(context: Context, made: Plan, file: Path) -> None:
    try:
        with context.database.write() as session:
            if made.kind is EDUCATORS:
                _write_educators(session, made)
            elif made.inserts:
                session.execute(insert(made.kind.table), made.inserts)
            _write_updates(session, made)
            audit.record(
                session,
                at=context.now(),
                actor="operator",
                action="file.imported",
                subject=made.kind.name,
                facts={
                    "new": len(made.inserts),
                    "changed": len(made.updates),
                    "unchanged": made.unchanged,
                    "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                },
            )
    except IntegrityError:
        raise ImportRefusedError(
            f"{file.name}: the database changed during the import, or one of its license numbers "
            "is already a user name; nothing in it was imported"
        ) from None


def _write_educators(session: Session, made: Plan) -> None:
    """New ones with an account of the pages, and a telephone without a PIN."""
    for some in _chunks(made.inserts):
        session.execute(insert(Educator), some)
        names = {row["license_number"]: row["name"] for row in some}
        found = session.execute(
            select(Educator.id, Educator.license_number).where(Educator.license_number.in_(names))
        ).all()
        session.execute(insert(PhoneAccess), [{"educator_id": row.id} for row in found])
        accounts = [
            {
                "username": row.license_number,
                "display_name": names[row.license_number],
                "role": Role.EDUCATOR.value,
                "educator_id": row.id,
            }
            for row in found
        ]
        session.execute(insert(User), accounts)


def _write_updates(session: Session, made: Plan) -> None:
    if made.updates:
        session.execute(update(made.kind.table), made.updates)
    if made.kind is EDUCATORS:
        for row in made.updates:
            if "name" in row:
                account = update(User).where(User.educator_id == row["id"])
                session.execute(account.values(display_name=row["name"]))


def _chunks(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    remaining = iter(rows)
    while some := list(islice(remaining, ROWS_AT_ONCE)):
        yield some
