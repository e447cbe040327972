"""Calls handed over by the telephone: who waits, and who takes them (S10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import Channel, CheckResult
from server.models import Attempt, Call, Educator, PhoneAccess, User
from server.services import audit
from server.services.locks import is_locked
from server.services.sign_in import SignedIn, change_session

HANDED_OVER = "transferred"
HANDOVERS_SHOWN = 30
HANDOVER_AGE = timedelta(hours=2)
HANDOVER_GOOD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Card:
    """A call handed over to a representative."""

    call_id: str
    ended: datetime
    waited_min: int
    """Whole minutes from the handover to when it was taken, or until now."""
    license_number: str | None
    verified: bool
    failed_field: str | None
    wanted: str | None
    reason: str
    usable: bool
    """True if the account can still be opened without another check."""
    waiting: bool
    """True if nobody has taken it yet, and the caller can still be on the line."""
    taken_at: datetime | None
    taken_by: str | None


def handovers(context: Context) -> list[Card]:
    """Calls handed over lately: first those that wait, longest first; then others, newest first."""
    now = context.now()
    calls = _latest_calls(context, now)
    if calls and calls[0].stored_at > now:
        _cut_times_ahead(context, now)
        calls = _latest_calls(context, now)
    cards = [_card(call, now) for call in calls]
    waiting = [card for card in reversed(cards) if card.waiting]
    return waiting + [card for card in cards if not card.waiting]


def handover_of(call: Call, now: datetime) -> Card | None:
    """The card of one call; None if it was not handed over."""
    return _card(call, now) if call.outcome == HANDED_OVER else None


def take_handover(context: Context, me: SignedIn, call_id: str) -> bool:
    """Take over a call: open the account if the telephone has just verified it.

    Our own attempt row decides, not the call record, but both must name the same account. A call
    that ended differently has nobody on the line, and a call can be taken only once.
    """
    now = context.now()
    with context.database.write() as session:
        call = _held_call(session, call_id, now)
        educator_id = _verified_in(session, call, now) if call is not None else None
        if call is None or educator_id is None:
            return False
        _take(session, call, me, now)
        audit.record(
            session,
            at=now,
            actor=me.actor,
            action="account.opened",
            subject=f"educator:{educator_id}",
            facts={"call": call_id, "reason": "handed over"},
        )
    change_session(
        context, me.digest, call_id=call_id, handled_call=call_id, educator_id=educator_id
    )
    return True


def take_unverified(context: Context, me: SignedIn, call_id: str) -> bool:
    """Take over a call whose caller is not verified; it opens no account."""
    now = context.now()
    with context.database.write() as session:
        call = _held_call(session, call_id, now)
        if call is None:
            return False
        _take(session, call, me, now)
        audit.record(
            session, at=now, actor=me.actor, action="call.taken", subject=f"call:{call_id}"
        )
    change_session(context, me.digest, call_id=None, handled_call=call_id, educator_id=None)
    return True


def _held_call(session: Session, call_id: str, now: datetime) -> Call | None:
    """A call that can be taken, with its row locked until the transaction ends."""
    call = session.scalars(
        select(Call).where(Call.call_id == call_id).with_for_update(of=Call)
    ).one_or_none()
    return call if call is not None and _can_be_taken(call, now) else None


def _take(session: Session, call: Call, me: SignedIn, now: datetime) -> None:
    call.taken_at, call.taken_by = now, session.get_one(User, me.user_id)


def _latest_calls(context: Context, now: datetime) -> Sequence[Call]:
    with context.database.read() as session:
        return session.scalars(
            select(Call)
            .where(Call.outcome == HANDED_OVER, Call.stored_at > now - HANDOVER_AGE)
            .order_by(Call.stored_at.desc())
            .limit(HANDOVERS_SHOWN)
        ).all()


def _cut_times_ahead(context: Context, now: datetime) -> None:
    """After the clock was set back, date future calls now, so that they do not hide others."""
    with context.database.write() as session:
        session.execute(update(Call).where(Call.stored_at > now).values(stored_at=now))


def _verified_in(session: Session, call: Call, now: datetime) -> int | None:
    """The educator last verified in a call, if the card names that account and it is still open.

    Call IDs can be reused, so a PIN that was right long ago, or before it was changed, opens
    nothing.
    """
    found = session.execute(
        select(Educator.id, Educator.license_number, PhoneAccess)
        .join(Attempt, Attempt.educator_id == Educator.id)
        .join(PhoneAccess, PhoneAccess.educator_id == Educator.id)
        .where(
            Attempt.call_id == call.call_id,
            Attempt.channel == Channel.TELEPHONE.value,
            Attempt.result == CheckResult.VERIFIED.value,
            Attempt.outdated.is_(False),
            Attempt.at > now - HANDOVER_AGE,
            Attempt.at <= now,
        )
        .order_by(Attempt.id.desc())
        .limit(1)
    ).one_or_none()
    told = (call.handover or {}).get("license_number")
    if found is None or found.license_number != told or is_locked(found.PhoneAccess, now):
        return None
    educator_id: int = found.id
    return educator_id


def _card(call: Call, now: datetime) -> Card:
    told: dict[str, Any] = call.handover or {}
    waiting = _can_be_taken(call, now)
    return Card(
        call_id=call.call_id,
        ended=call.stored_at,
        waited_min=((call.taken_at or now) - call.stored_at) // timedelta(minutes=1),
        license_number=told.get("license_number"),
        verified=bool(told.get("verified")),
        failed_field=told.get("failed_field"),
        wanted=told.get("wanted"),
        reason=str(told.get("reason", call.reason)),
        usable=bool(told.get("verified")) and waiting,
        waiting=waiting,
        taken_at=call.taken_at,
        taken_by=call.taken_by.display_name if call.taken_by else None,
    )


def _can_be_taken(call: Call, now: datetime) -> bool:
    """Return True if the call can be taken: only once, soon, and if the caller was handed over."""
    waits = call.outcome == HANDED_OVER and call.taken_at is None
    return waits and call.stored_at > now - HANDOVER_GOOD
