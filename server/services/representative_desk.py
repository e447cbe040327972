"""What a representative may do: check a caller's PIN, and open that account for the call (S10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import Channel, CheckResult, NoticeKind
from server.errors import RuleError
from server.hashing import new_token
from server.models import Attempt, Call, Educator, PhoneAccess
from server.services import audit
from server.services.locks import is_locked
from server.services.outbox import post
from server.services.sign_in import SignedIn, change_session
from server.services.verification import Presented, verify

HANDED_OVER = "transferred"
HANDOVERS_SHOWN = 6
HANDOVER_AGE = timedelta(hours=2)
HANDOVER_GOOD = timedelta(minutes=15)
REASONS = (
    "Application status",
    "Requirements or documents",
    "Renewal",
    "Name or address change",
    "Help with the PIN",
    "Other",
)


@dataclass(frozen=True, slots=True)
class Card:
    """A call handed over to a representative."""

    call_id: str
    ended: datetime
    license_number: str | None
    verified: bool
    failed_field: str | None
    wanted: str | None
    reason: str
    usable: bool
    taken: bool


def check_caller(
    context: Context, me: SignedIn, license_number: str, pin: str, reason: str
) -> tuple[str, CheckResult]:
    """Return "verified", "not verified", or "locked", and open the account if verified.

    The second value is for metrics; the representative sees only the first.
    """
    if reason not in REASONS:
        raise RuleError("Please say what the call is about.")
    call_id = me.call_id or f"desk-{new_token()[:16]}"
    checked = verify(
        context,
        Presented(
            license_number=license_number,
            pin=pin,
            call_id=call_id,
            attempt=None,
            mode="voice",
            caller_number=None,
            channel=Channel.REPRESENTATIVE,
            actor=me.actor,
            user_id=me.user_id,
            reason=reason,
        ),
    )
    opened = checked.educator_id if checked.result is CheckResult.VERIFIED else None
    change_session(context, me.digest, call_id=call_id, educator_id=opened)
    if opened is not None:
        return "verified", checked.result
    shut = checked.result in (CheckResult.LOCKED, CheckResult.OVER_BUDGET)
    return "locked" if shut or checked.locked_now else "not verified", checked.result


def end_call(context: Context, me: SignedIn) -> None:
    """Close the account, ready for the next caller."""
    change_session(context, me.digest, call_id=None, educator_id=None)


def handovers(context: Context) -> list[Card]:
    """Recently handed-over calls, newest first."""
    now = context.now()
    calls = _latest_calls(context, now)
    if calls and calls[0].stored_at > now:
        _cut_times_ahead(context, now)
        calls = _latest_calls(context, now)
    return [_card(call, now) for call in calls]


def take_handover(context: Context, me: SignedIn, call_id: str) -> bool:
    """Take over a call: open the account if the telephone has just verified it.

    Our own attempt row decides, not the call record, but both must name the same account. A call
    that ended differently has nobody on the line, and a call can be taken only once.
    """
    now = context.now()
    with context.database.write() as session:
        call = session.scalars(
            select(Call).where(Call.call_id == call_id).with_for_update()
        ).one_or_none()
        if call is None or not _can_be_taken(call, now):
            return False
        educator_id = _verified_in(session, call, now)
        if educator_id is None:
            return False
        call.taken_at = now
        audit.record(
            session,
            at=now,
            actor=me.actor,
            action="account.opened",
            subject=f"educator:{educator_id}",
            facts={"call": call_id, "reason": "handed over"},
        )
    change_session(context, me.digest, call_id=call_id, educator_id=educator_id)
    return True


def start_reset(context: Context, me: SignedIn, license_number: str) -> None:
    """Send a mail with a link to the PIN page; unknown numbers look the same."""
    now = context.now()
    with context.database.write() as session:
        educator_id = session.scalars(
            select(Educator.id).where(Educator.license_number == license_number)
        ).one_or_none()
        if educator_id is not None:
            post(session, educator_id, NoticeKind.RESET, now)
        audit.record(
            session,
            at=now,
            actor=me.actor,
            action="reset.started",
            subject=f"educator:{educator_id}" if educator_id else "educator:unknown",
        )


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
    return Card(
        call_id=call.call_id,
        ended=call.stored_at,
        license_number=told.get("license_number"),
        verified=bool(told.get("verified")),
        failed_field=told.get("failed_field"),
        wanted=told.get("wanted"),
        reason=str(told.get("reason", call.reason)),
        usable=bool(told.get("verified")) and _can_be_taken(call, now),
        taken=call.taken_at is not None,
    )


def _can_be_taken(call: Call, now: datetime) -> bool:
    """Whether it can be taken: only once, soon, and if the caller was handed over to a person."""
    waits = call.outcome == HANDED_OVER and call.taken_at is None
    return waits and call.stored_at > now - HANDOVER_GOOD
