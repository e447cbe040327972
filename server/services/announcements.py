"""A supervisor's announcements: the two weeks being processed, and the closed days."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import delete

from server.context import Context
from server.errors import RuleError
from server.models import Holiday, WeeklyNotice
from server.services import audit

FURTHEST = timedelta(days=730)


def set_weeks(context: Context, renewal: date, other: date, user_id: int) -> None:
    """Announce the two weeks, each given by any day in it. Raises RuleError."""
    weeks = checked_weeks(context, renewal, other)
    with context.database.write() as session:
        session.add(
            WeeklyNotice(
                renewal_week=weeks["renewal"],
                other_week=weeks["other"],
                set_at=context.now(),
                set_by=user_id,
            )
        )
        audit.record(
            session,
            at=context.now(),
            actor=f"user:{user_id}",
            action="weeks.set",
            subject="service",
            facts={name: week.isoformat() for name, week in weeks.items()},
        )


def checked_weeks(context: Context, renewal: date, other: date) -> dict[str, date]:
    """Return the two weeks' Mondays. Raises RuleError if they may not be announced."""
    today = context.today()
    if max(renewal, other) > today:
        raise RuleError("A week in the future cannot be processed yet.")
    if min(renewal, other) < today - FURTHEST:
        raise RuleError("The week is more than two years ago.")
    return {"renewal": _monday(renewal), "other": _monday(other)}


def checked_holiday(context: Context, on: date, name: str) -> str:
    """Return the closed day's name, stripped. Raises RuleError if the day may not be added."""
    words = name.strip()
    if not words or len(words) > 80 or not words.isprintable():
        raise RuleError("Please enter a name for the closed day (at most 80 characters).")
    if abs(on - context.today()) > FURTHEST:
        raise RuleError("The day is more than two years away.")
    return words


def add_holiday(context: Context, on: date, name: str, user_id: int) -> None:
    """Close the call center on a day. Raises RuleError."""
    words = checked_holiday(context, on, name)
    with context.database.write() as session:
        session.merge(Holiday(on=on, name=words))
        audit.record(
            session,
            at=context.now(),
            actor=f"user:{user_id}",
            action="holiday.added",
            subject="service",
            facts={"on": on.isoformat()},
        )


def remove_holiday(context: Context, on: date, user_id: int) -> None:
    """Cancel a closed day."""
    with context.database.write() as session:
        session.execute(delete(Holiday).where(Holiday.on == on))
        audit.record(
            session,
            at=context.now(),
            actor=f"user:{user_id}",
            action="holiday.removed",
            subject="service",
            facts={"on": on.isoformat()},
        )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
