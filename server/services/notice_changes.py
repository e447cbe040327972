"""History of changes to weeks, hours, and closed days, from the audit rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import AuditRow, User

NEWEST = 10
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Change:
    """One version: when it was made, by whom, and what it says."""

    at: datetime
    by: str
    says: str


def changes(session: Session) -> list[Change]:
    """The newest changes first."""
    rows = session.scalars(
        select(AuditRow)
        .where(AuditRow.action.in_(SAYS))
        .order_by(AuditRow.number.desc())
        .limit(NEWEST)
    ).all()
    actors = {int(row.actor.removeprefix("user:")) for row in rows if row.actor != "operator"}
    people = session.scalars(select(User).where(User.id.in_(actors)))
    names = {person.id: person.display_name for person in people}
    return [Change(row.at, _name(row.actor, names), SAYS[row.action](row.facts)) for row in rows]


def _name(actor: str, names: Mapping[int, str]) -> str:
    number = actor.removeprefix("user:")
    return names.get(int(number), "somebody") if number.isdigit() else actor


def _weeks(facts: Mapping[str, Any]) -> str:
    renewal, other = (_day(facts[name]) for name in ("renewal", "other"))
    return f"Renewal applications: week of {renewal}; all other: week of {other}."


def _hours(facts: Mapping[str, Any]) -> str:
    days = ", ".join(WEEKDAYS[day] for day in facts["weekdays"])
    return f"Open from {facts['opens']} to {facts['closes']}: {days}."


def _closed(facts: Mapping[str, Any]) -> str:
    return f"Closed on {_day(facts['on'])}."


def _reopened(facts: Mapping[str, Any]) -> str:
    return f"No longer closed on {_day(facts['on'])}."


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day:%B} {day.day}, {day.year}"


SAYS = {
    "weeks.set": _weeks,
    "hours.set": _hours,
    "holiday.added": _closed,
    "holiday.removed": _reopened,
}
"""Return what an audit row of each action says."""
