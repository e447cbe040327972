"""Telephone locks of accounts: what counts toward them, and how long they last (S4, S17)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.domain import CheckResult
from server.models import Attempt, PhoneAccess
from server.settings import Limits

DAY = timedelta(hours=24)
NOBODY = 0
"""An account that never exists, to look up unknown numbers like any other (S6)."""
_NO_SYNC = {"synchronize_session": False}


def held_access(session: Session, educator_id: int | None) -> PhoneAccess | None:
    """An account's access, with its row locked until the transaction ends."""
    return session.scalars(
        select(PhoneAccess)
        .where(PhoneAccess.educator_id == (educator_id or NOBODY))
        .with_for_update()
    ).one_or_none()


def is_locked(access: PhoneAccess, now: datetime) -> bool:
    """Return True if the telephone currently accepts no PIN for this account."""
    return access.locked_until is not None and access.locked_until > now


def lock_end(access: PhoneAccess, limits: Limits, now: datetime) -> datetime | None:
    """Return when the lock ends, at most its full length from now; None if there is no lock."""
    if access.locked_until is None or access.locked_until <= now:
        return None
    return min(access.locked_until, now + _length(limits, access.lockouts - 1))


def count_wrong(
    session: Session, educator_id: int | None, now: datetime, *results: CheckResult
) -> int:
    """Number of such results in the last 24 hours, since the owner's last unlock or new PIN."""
    return session.execute(
        select(func.count())
        .select_from(Attempt)
        .where(
            Attempt.educator_id == (educator_id or NOBODY),
            Attempt.at > now - DAY,
            Attempt.outdated.is_(False),
            Attempt.result.in_([result.value for result in results]),
        )
    ).scalar_one()


def cut_times_ahead(
    session: Session, access: PhoneAccess | None, limits: Limits, now: datetime
) -> None:
    """After the clock was set back, date attempts now and end the lock after its full length."""
    educator_id = access.educator_id if access is not None else NOBODY
    session.execute(
        update(Attempt).where(Attempt.educator_id == educator_id, Attempt.at > now).values(at=now),
        execution_options=_NO_SYNC,
    )
    latest = now + _length(limits, access.lockouts - 1 if access is not None else 0)
    session.execute(
        update(PhoneAccess)
        .where(PhoneAccess.educator_id == educator_id, PhoneAccess.locked_until > latest)
        .values(locked_until=latest),
        execution_options=_NO_SYNC,
    )


def lock_if_used_up(access: PhoneAccess | None, limits: Limits, wrong: int, now: datetime) -> bool:
    """Lock the account after the last allowed wrong PIN; each lock lasts twice as long (S4)."""
    if access is None or wrong < limits.pins_per_account or is_locked(access, now):
        return False
    access.locked_until = now + _length(limits, access.lockouts)
    access.lockouts += 1
    return True


def clear(session: Session, access: PhoneAccess) -> None:
    """Unlock the account; earlier attempts no longer count."""
    access.locked_until, access.lockouts = None, 0
    session.execute(
        update(Attempt)
        .where(Attempt.educator_id == access.educator_id, Attempt.outdated.is_(False))
        .values(outdated=True)
    )


def _length(limits: Limits, earlier_locks: int) -> timedelta:
    doublings = min(max(earlier_locks, 0), 20)
    return timedelta(hours=min(limits.lock_hours * 2**doublings, limits.lock_hours_most))
