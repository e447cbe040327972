"""A representative's actions: check a caller's PIN, and open that account for the call (S10)."""

from __future__ import annotations

from sqlalchemy import select

from server.context import Context
from server.domain import Channel, CheckResult, NoticeKind
from server.errors import RuleError
from server.hashing import new_token
from server.models import Educator
from server.services import audit
from server.services.outbox import post
from server.services.pins import unlock
from server.services.sign_in import SignedIn, change_session
from server.services.verification import Presented, verify

REASONS = (
    "Application status",
    "Requirements or documents",
    "Renewal",
    "Name or address change",
    "Help with the PIN",
    "Other",
)
ACCESS_REASONS = (
    "The educator forgot the PIN",
    "The educator mistyped the PIN",
    "Somebody else entered wrong PINs",
    "Trouble with the line or the keypad",
    "Other",
)
"""Reasons for resetting a PIN or unlocking the telephone. A choice, so that nobody writes a PIN
there.
"""


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
    change_session(context, me.digest, call_id=None, handled_call=None, educator_id=None)


def start_reset(context: Context, me: SignedIn, license_number: str, reason: str) -> None:
    """Send a mail with a link to the PIN page; unknown numbers look the same. Raises RuleError."""
    _check_access_reason(reason)
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
            facts={"reason": reason},
        )


def unlock_for(context: Context, me: SignedIn, license_number: str, reason: str) -> None:
    """Unlock an educator's telephone as a supervisor. Raises RuleError.

    Numbers that are unknown or not locked look the same.
    """
    _check_access_reason(reason)
    with context.database.read() as session:
        educator_id = session.scalars(
            select(Educator.id).where(Educator.license_number == license_number)
        ).one_or_none()
    if educator_id is None or not unlock(context, educator_id, me.actor, reason):
        _record_in_vain(context, me, educator_id, reason)


def _record_in_vain(context: Context, me: SignedIn, educator_id: int | None, reason: str) -> None:
    with context.database.write() as session:
        audit.record(
            session,
            at=context.now(),
            actor=me.actor,
            action="unlock.without-lock",
            subject=f"educator:{educator_id}" if educator_id else "educator:unknown",
            facts={"reason": reason},
        )


def _check_access_reason(reason: str) -> None:
    if reason not in ACCESS_REASONS:
        raise RuleError("Please choose a reason.")
