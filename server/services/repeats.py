"""What a request repeats: only what is the same in every part, for a minute (S15).

The caller's line sends a request once more where its answer was lost. A call and an attempt number
alone say nothing about whose PIN was presented, so they never stand for an answer by themselves.
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
"""A pending attempt may still be settled this long; after that whoever checked it is gone."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Everything that has to be the same; ``subject`` stands for the license number."""

    call_id: str
    number: int
    subject: str
    channel: str
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was presented before under this call and attempt number.

    ``refusal`` is the same request, refused; it is refused again. ``used`` means that the number
    was used for something else, or too long ago. Neither is set for a first request or for a
    repeated success, which is checked like a first request.
    """

    refusal: Attempt | None = None
    used: bool = False


def look_back(session: Session, mine: Identity, now: datetime) -> Earlier:
    """What a request repeats. Raises BusyError while the same request is being checked.

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
    """Within a length of now on either side; a time far ahead of the clock is not recent."""
    return abs(now - attempt.at) < length
