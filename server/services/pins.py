"""Setting, changing, and unlocking PINs, and the pace that a caller prefers (S8, S11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import NoticeKind, Pace
from server.errors import PinRefusedError, RuleError
from server.models import Educator, PhoneAccess, Pin
from server.services import audit
from server.services.locks import clear, is_locked, lock_end
from server.services.outbox import post
from server.services.tokens import end_tokens

KEYPAD_COLUMN = "2580"
RUNS = "01234567890"
YEARS = range(1930, 2030)
_ACTIONS: dict[NoticeKind, audit.Action] = {
    NoticeKind.PIN_SET: "pin.set",
    NoticeKind.PIN_CHANGED: "pin.changed",
    NoticeKind.UNLOCKED: "phone.unlocked",
}


@dataclass(frozen=True, slots=True)
class PhoneStanding:
    """Telephone facts for the Home Page."""

    pin_set_at: datetime | None
    locked_until: datetime | None
    pace: Pace


def why_refused(pin: str, license_number: str) -> str | None:
    """Return why this PIN may not be set, in words for the page, or None if it may (S8)."""
    if len(pin) != 4 or not (pin.isascii() and pin.isdigit()):
        return "A PIN must have four digits, 0 to 9."
    rules = (
        (len(set(pin)) == 1, "All four digits are the same."),
        (pin in RUNS or pin[::-1] in RUNS, "The digits are in sequence, such as 1234."),
        (pin[:2] == pin[2:], "The first two digits are repeated, such as 1212."),
        (pin[0] == pin[1] and pin[2] == pin[3], "The digits are two pairs, such as 1122."),
        (
            pin in (KEYPAD_COLUMN, KEYPAD_COLUMN[::-1]),
            "The digits are a column of the telephone keypad.",
        ),
        (int(pin) in YEARS, "It looks like a year. Many people choose a year."),
        (
            pin in license_number or pin in license_number[::-1],
            "It is part of your license number.",
        ),
    )
    return next((why for broken, why in rules if broken), None)


def set_pin(context: Context, educator_id: int, pin: str, again: str, actor: str) -> NoticeKind:
    """Set or change a PIN. Raises PinRefusedError with words for the page.

    A changed PIN also unlocks the telephone and revokes the access of verified calls.
    """
    if pin != again:
        raise PinRefusedError("The two entries differ. Please enter the same four digits twice.")
    with context.database.read() as session:
        license_number = session.scalars(
            select(Educator.license_number).where(Educator.id == educator_id)
        ).one()
    refused = why_refused(pin, license_number)
    if refused is not None:
        raise PinRefusedError(f"{refused} Please choose another PIN.")
    digest = context.hasher.hash_pin(pin)
    now = context.now()
    with context.database.write() as session:
        access = _lock(session, educator_id)
        known = session.get(Pin, educator_id)
        kind = NoticeKind.PIN_CHANGED if known else NoticeKind.PIN_SET
        if known is None:
            session.add(Pin(educator_id=educator_id, digest=digest, set_at=now))
        else:
            known.digest, known.set_at = digest, now
        clear(session, access)
        end_tokens(session, educator_id)
        _tell(session, now, actor, educator_id, kind)
    return kind


def unlock(context: Context, educator_id: int, actor: str, reason: str | None = None) -> bool:
    """Unlock the telephone; return whether it was locked. Supervisors give a reason."""
    now = context.now()
    with context.database.write() as session:
        access = _lock(session, educator_id)
        if not is_locked(access, now):
            return False
        clear(session, access)
        _tell(session, now, actor, educator_id, NoticeKind.UNLOCKED, reason)
    return True


def set_pace(context: Context, educator_id: int, pace: str, actor: str) -> Pace:
    """Set the pace of the telephone's speech. Raises RuleError for an unknown pace."""
    if pace not in set(Pace):
        raise RuleError("Please choose one of the two paces.")
    with context.database.write() as session:
        _lock(session, educator_id).pace = pace
        audit.record(
            session,
            at=context.now(),
            actor=actor,
            action="pace.set",
            subject=f"educator:{educator_id}",
            facts={"pace": pace},
        )
    return Pace(pace)


def standing(context: Context, session: Session, educator_id: int) -> PhoneStanding:
    """Return whether a PIN is set, whether the telephone is locked, and the pace."""
    access = session.get_one(PhoneAccess, educator_id)
    pin = session.get(Pin, educator_id)
    return PhoneStanding(
        pin_set_at=pin.set_at if pin else None,
        locked_until=lock_end(access, context.settings.limits, context.now()),
        pace=Pace(access.pace),
    )


def _lock(session: Session, educator_id: int) -> PhoneAccess:
    return session.scalars(
        select(PhoneAccess).where(PhoneAccess.educator_id == educator_id).with_for_update()
    ).one()


def _tell(
    session: Session,
    now: datetime,
    actor: str,
    educator_id: int,
    kind: NoticeKind,
    reason: str | None = None,
) -> None:
    post(session, educator_id, kind, now)
    audit.record(
        session,
        at=now,
        actor=actor,
        action=_ACTIONS[kind],
        subject=f"educator:{educator_id}",
        facts={"reason": reason} if reason else None,
    )
