"""Detects repeated requests: identical in every part, and within a minute (S15).

The caller's line repeats a request whose response was lost. Call and attempt number alone do not
tell whose PIN was presented, so they never suffice for a response.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.domain import CheckResult
from server.errors import BusyError
from server.models import Attempt

REPEATABLE = timedelta(minutes=1)
UNDER_WAY = timedelta(seconds=30)
"""Time in which a pending attempt may still be settled; after that, its check is assumed dead."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that must be the same; ``subject`` is a digest of the license number."""

    call_id: str
    number: int
    subject: str
    channel: str
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier presentation under this call and attempt number.

    ``refusal`` is the same request, which was refused and is refused again. ``used`` means that the
    number was used for another request, or too long ago. Neither is set for a first request, or for
    a repeated success, which is checked like a first request.
    """

    refusal: Attempt | None = None
    used: bool = False


def look_back(session: Session, mine: Identity, now: datetime) -> Earlier:
    """The earlier request that this one repeats. Raises BusyError while that is being checked.

    The caller holds the lock on the call's budget, so no other request of the call interferes.
    """
    under_number = session.scalars(
        select(Attempt)
        .where(Attempt.call_id == mine.call_id, Attempt.number == mine.number)
        .order_by(Attempt.id)
    ).all()
    same = [each for each in under_number if _identity(each) == mine]
    if not same or not _within(REPEATABLE, same[0], now):
        return Earlier(used=bool(under_number))
    last = same[-1]
    if last.result == CheckResult.PENDING and _within(UNDER_WAY, last, now):
        raise BusyError("this attempt is being checked; ask again")
    return Earlier(refusal=last if last.result != CheckResult.VERIFIED else None)


def next_number(session: Session, call_id: str) -> int:
    """The next free attempt number of a call whose budget is locked."""
    last = session.scalar(select(func.max(Attempt.number)).where(Attempt.call_id == call_id))
    return (last or 0) + 1


def _identity(attempt: Attempt) -> Identity:
    return Identity(**{name: getattr(attempt, name) for name in Identity.__dataclass_fields__})


def _within(length: timedelta, attempt: Attempt, now: datetime) -> bool:
    """Return True if the attempt was presented within this length of now, earlier or later."""
    return abs(now - attempt.at) < length
