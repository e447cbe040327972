"""Plans what a file would change: compares its rows with the database, which is only read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.imports.reading import Numbered, Problems
from server.imports.rows import EDUCATORS, Kind
from server.models import Application, Educator

ROWS_AT_ONCE = 500
CHANGES_SHOWN = 10

ApplicationKey = tuple[str, str, Any]
"""License number, type, day of submission."""


@dataclass(slots=True)
class Expected:
    """The data that a dry run has not written: the educators and applications of earlier files."""

    educators: set[str] = field(default_factory=set)
    applications: set[ApplicationKey] = field(default_factory=set)


@dataclass(slots=True)
class Plan:
    """The rows to write. ``shown`` describes the first changes, without values."""

    kind: Kind
    inserts: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    unchanged: int = 0
    shown: list[str] = field(default_factory=list)
    new_applications: list[ApplicationKey] = field(default_factory=list)
    """The keys of new applications, if the file contains applications."""

    @property
    def rows(self) -> int:
        """Count the file's rows."""
        return len(self.inserts) + len(self.updates) + self.unchanged


def plan(
    session: Session,
    kind: Kind,
    rows: Iterable[Numbered],
    problems: Problems,
    expected: Expected,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Plan:
    """Compare rows with the database; report rows without an owner and duplicates as problems."""
    made = Plan(kind)
    seen: dict[tuple[Any, ...], int] = {}
    for some in _chunks(rows):
        owners = _Owners(session, kind, some, expected)
        for number, row, columns in some:
            values = row.values()
            identity = _identity(kind, values)
            first = seen.setdefault(identity, number)
            if first != number:
                problems.add(number, f"the same as row {first}")
            elif not owners.has(values):
                problems.add(number, owners.missing(values))
            else:
                _compare(made, number, values, columns, owners)
        progress(len(some))
    return made


def _compare(
    made: Plan, number: int, values: dict[str, Any], columns: frozenset[str], owners: _Owners
) -> None:
    known = owners.known(values)
    if known is None:
        made.inserts.append(owners.insert(values))
        if made.kind.name == "applications":
            made.new_applications.append(application_key(values))
        return
    changed = {
        name: value
        for name, value in values.items()
        if name in known and name in columns and known[name] != value
    }
    if not changed:
        made.unchanged += 1
        return
    made.updates.append({"id": known["id"], **changed})
    if len(made.shown) < CHANGES_SHOWN:
        made.shown.append(f"row {number}: {', '.join(changed)}")


class _Owners:
    """The educators that some rows refer to, and their existing records of this kind."""

    def __init__(
        self, session: Session, kind: Kind, some: list[Numbered], expected: Expected
    ) -> None:
        self._kind = kind
        self._expected = expected
        numbers = {row.license_number for _, row, _ in some}
        educators = session.execute(
            select(Educator.id, Educator.license_number, Educator.name, Educator.email).where(
                Educator.license_number.in_(numbers)
            )
        )
        self._educators = {row.license_number: dict(row._mapping) for row in educators}
        self._applications: dict[tuple[int, str, Any], int] = {}
        ids = [educator["id"] for educator in self._educators.values()]
        if kind.of_application:
            self._applications = _applications(session, ids)
            ids = list(self._applications.values())
        self._known = {} if kind is EDUCATORS else _children(session, kind, ids)

    def _owner(self, values: dict[str, Any]) -> int | None:
        educator = self._educators.get(values["license_number"])
        if educator is None:
            return None
        if not self._kind.of_application:
            return int(educator["id"])
        key = (educator["id"], values["application_type"], values["submitted"])
        return self._applications.get(key)

    def has(self, values: dict[str, Any]) -> bool:
        """Return whether the row's owner exists, or would exist after the earlier files."""
        if self._kind is EDUCATORS or self._owner(values) is not None:
            return True
        if self._kind.of_application:
            return application_key(values) in self._expected.applications
        return values["license_number"] in self._expected.educators

    def missing(self, values: dict[str, Any]) -> str:
        """Describe the missing owner."""
        if self._kind.of_application and values["license_number"] in self._educators:
            return "no such application; import applications first"
        return f"no educator has the license number {values['license_number']}"

    def known(self, values: dict[str, Any]) -> dict[str, Any] | None:
        """Return the database row that the file's row refers to, if it exists."""
        if self._kind is EDUCATORS:
            return self._educators.get(values["license_number"])
        return self._known.get((self._owner(values), *(values[name] for name in self._kind.key)))

    def insert(self, values: dict[str, Any]) -> dict[str, Any]:
        """Build a new database row, with the owner's ID instead of the columns that identify it."""
        if self._kind is EDUCATORS:
            return values
        kept = {name: value for name, value in values.items() if name in _columns(self._kind)}
        return {_owner_column(self._kind): self._owner(values), **kept}


def application_key(values: dict[str, Any]) -> ApplicationKey:
    """Return the key that identifies an application in files."""
    return values["license_number"], values["application_type"], values["submitted"]


def _identity(kind: Kind, values: dict[str, Any]) -> tuple[Any, ...]:
    named = ("application_type", "submitted") if kind.of_application else ()
    return tuple(values[name] for name in ("license_number", *named, *kind.key))


def _owner_column(kind: Kind) -> str:
    return "application_id" if kind.of_application else "educator_id"


def _columns(kind: Kind) -> set[str]:
    return {each.key for each in kind.table.__mapper__.column_attrs}


def _applications(session: Session, educators: list[int]) -> dict[tuple[int, str, Any], int]:
    rows = session.execute(
        select(
            Application.id,
            Application.educator_id,
            Application.application_type,
            Application.submitted,
        )
        .where(Application.educator_id.in_(educators))
        .order_by(Application.id.desc())
    )
    return {(row.educator_id, row.application_type, row.submitted): row.id for row in rows}


def _children(
    session: Session, kind: Kind, owners: list[int]
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the owners' records by owner and key; the first if several share a key."""
    columns = {name: getattr(kind.table, name) for name in sorted(_columns(kind))}
    owner = columns[_owner_column(kind)]
    chosen = [column.label(name) for name, column in columns.items()]
    rows = session.execute(select(*chosen).where(owner.in_(owners)).order_by(columns["id"].desc()))
    found = [dict(row._mapping) for row in rows]
    return {(row[_owner_column(kind)], *(row[name] for name in kind.key)): row for row in found}


def _chunks(rows: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    remaining = iter(rows)
    while some := list(islice(remaining, ROWS_AT_ONCE)):
        yield some
