"""Invented call-backs for the demonstration: some are still to be made, most were made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.context import Context
from server.models import Call, CallBack, Turn, User
from server.seed.demonstration import STAFF


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call-back still to be made. Numbers from 555-0100 to 555-0199 are reserved for fiction."""

    hours_ago: float
    number: str
    earliest: str
    latest: str


@dataclass(frozen=True, slots=True)
class Done:
    """A completed call-back, with the times of day it was requested and made on that day."""

    days_ago: int
    asked: time
    done: time
    number: str
    earliest: str
    latest: str
    note: str | None


MORNING, AFTERNOON, ANY = ("08:00", "12:00"), ("12:00", "17:30"), ("08:00", "17:30")
WAITING = (
    Waiting(19.5, "2285550163", *MORNING),
    Waiting(2.2, "6625550117", *AFTERNOON),
    Waiting(0.4, "6015550142", *ANY),
)
DONE = (
    Done(1, time(9, 12), time(11, 40), "6015550188", *ANY, "Sent the list of what is missing."),
    Done(2, time(10, 3), time(14, 25), "7695550104", *AFTERNOON, None),
    Done(4, time(8, 47), time(11, 15), "6625550129", *MORNING, "No answer twice; left a message."),
    Done(5, time(13, 30), time(15, 2), "2285550150", *ANY, None),
)
TALK_MS = 38_000


def invent_call_backs(context: Context) -> int:
    """Add call-backs and the calls in which they were promised; return how many."""
    staff = select(User.id).where(User.username == STAFF[0].username)
    with context.database.write() as session:
        by = session.scalars(staff).one()
        promises = [*_waiting(context), *_done(context, by)]
        for number, promise in enumerate(promises):
            promise.call_id = f"invented-back-{number}"
            promise.stored_at = promise.asked_at
            promise.earlier_call_id = _transferred(session, promise.asked_at)
            session.add_all((promise, _call(promise.call_id, promise.asked_at)))
    return len(promises)


def _waiting(context: Context) -> Iterator[CallBack]:
    for each in WAITING:
        yield CallBack(
            asked_at=context.now() - timedelta(hours=each.hours_ago),
            sealed_number=context.numbers.seal(each.number),
            earliest=each.earliest,
            latest=each.latest,
        )


def _done(context: Context, by: int) -> Iterator[CallBack]:
    today = context.now().astimezone(ZoneInfo(context.settings.timezone))
    for each in DONE:
        day = today - timedelta(days=each.days_ago)
        yield CallBack(
            asked_at=datetime.combine(day, each.asked, day.tzinfo),
            sealed_number=context.numbers.seal(each.number),
            earliest=each.earliest,
            latest=each.latest,
            done_at=datetime.combine(day, each.done, day.tzinfo),
            done_by=by,
            note=each.note,
        )


def _transferred(session: Session, before: datetime) -> str | None:
    """Find the last call before this time that was transferred."""
    return session.scalars(
        select(Call.call_id)
        .where(Call.outcome == "transferred", Call.stored_at < before)
        .order_by(Call.stored_at.desc())
        .limit(1)
    ).first()


def _call(call_id: str, ended: datetime) -> Call:
    return Call(
        call_id=call_id,
        started_at=ended - timedelta(milliseconds=TALK_MS),
        stored_at=ended,
        line="invented",
        duration_ms=TALK_MS,
        outcome="call-back",
        reason="nobody could take the call",
        verified=False,
        turns=_turns(),
    )


def _turns() -> list[Turn]:
    """Return three turns: yes to a call-back, yes to the number, and the choice of a time."""
    fields = ("yesno", "yesno", "call_back_time")
    return [
        Turn(
            position=position,
            field=field,
            attempt=1,
            result="match",
            start_ms=3_000 + 11_000 * position,
            end_ms=13_000 + 11_000 * position,
            mode="dtmf",
            confidence=1.0,
            value="yes" if field == "yesno" else None,
            bargein=False,
            decision="accept",
            partials=[],
        )
        for position, field in enumerate(fields)
    ]
