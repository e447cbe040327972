"""Call-backs: what a caller was promised, who has to be called, and who did it.

A promise arrives in the record of the call in which it was made, so that it is stored exactly when
that record is. Telephone numbers are sealed, and appear in no audit row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.context import Context
from server.contract import CallIn
from server.errors import RuleError
from server.models import Call, CallBack, User
from server.services import audit
from server.services.sign_in import SignedIn

LONGEST_NOTE = 200
MOST_OPEN, MOST_DONE = 200, 20
"""Number of call-backs listed."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One call-back as the desk sees it; ``number`` is None if it can no longer be opened."""

    id: int
    call_id: str
    earlier_call_id: str | None
    """The call that nobody could take, if its record is stored."""
    license_number: str | None
    """The number verified in that call."""
    asked_at: datetime
    number: str | None = field(repr=False)
    earliest: str
    latest: str
    done_at: datetime | None
    done_by: str | None
    note: str | None


def add(context: Context, session: Session, sent: CallIn) -> None:
    """Store what the caller was promised in this call, if anything."""
    promised = sent.call_back
    if promised is None or _stored(session, sent.call_id) is not None:
        return
    now = context.now()
    session.add(
        CallBack(
            call_id=sent.call_id,
            earlier_call_id=promised.earlier_call_id,
            asked_at=min(sent.started_utc + timedelta(milliseconds=sent.duration_ms), now),
            stored_at=now,
            sealed_number=context.numbers.seal(promised.number),
            earliest=promised.earliest,
            latest=promised.latest,
        )
    )
    audit.record(
        session,
        at=now,
        actor="bot",
        action="call_back.promised",
        subject=f"call:{sent.call_id}",
        facts={"earliest": promised.earliest, "latest": promised.latest},
    )


def is_same(context: Context, session: Session, sent: CallIn) -> bool:
    """Return True if this promise is the one stored for the call, or if neither exists."""
    stored = _stored(session, sent.call_id)
    if stored is None or sent.call_back is None:
        return stored is None and sent.call_back is None
    kept = (stored.earlier_call_id, stored.earliest, stored.latest)
    told = (sent.call_back.earlier_call_id, sent.call_back.earliest, sent.call_back.latest)
    return kept == told and context.numbers.open(stored.sealed_number) == sent.call_back.number


def _stored(session: Session, call_id: str) -> CallBack | None:
    return session.scalars(select(CallBack).where(CallBack.call_id == call_id)).one_or_none()


def open_promises(context: Context) -> list[Promise]:
    """Callers who are still to be called, the longest waiting first."""
    waiting = CallBack.done_at.is_(None)
    return _found(
        context, _listed().where(waiting).order_by(CallBack.asked_at, CallBack.id).limit(MOST_OPEN)
    )


def done_promises(context: Context) -> list[Promise]:
    """Callers who were called, the latest first."""
    done = CallBack.done_at.is_not(None)
    newest = (CallBack.done_at.desc(), CallBack.id.desc())
    return _found(context, _listed().where(done).order_by(*newest).limit(MOST_DONE))


def mark_done(context: Context, me: SignedIn, call_back_id: int, note: str) -> bool:
    """Note who called, and when; False if somebody else has done so. Raises RuleError."""
    words = note.strip()
    if len(words) > LONGEST_NOTE or not words.isprintable():
        raise RuleError(f"Please keep the note to one line of {LONGEST_NOTE} characters.")
    now = context.now()
    with context.database.write() as session:
        promise = session.scalars(
            select(CallBack).where(CallBack.id == call_back_id).with_for_update()
        ).one_or_none()
        if promise is None or promise.done_at is not None:
            return False
        promise.done_at, promise.done_by, promise.note = now, me.user_id, words or None
        audit.record(
            session,
            at=now,
            actor=me.actor,
            action="call_back.done",
            subject=f"call:{promise.call_id}",
        )
    return True


def _listed() -> Select[CallBack, Call, User]:
    told = func.coalesce(CallBack.earlier_call_id, CallBack.call_id)
    return (
        select(CallBack, Call, User)
        .outerjoin(Call, Call.call_id == told)
        .outerjoin(User, User.id == CallBack.done_by)
    )


def _found(context: Context, query: Select[CallBack, Call, User]) -> list[Promise]:
    with context.database.read() as session:
        return [_promise(context, *row) for row in session.execute(query)]


def _promise(context: Context, stored: CallBack, earlier: Call | None, by: User | None) -> Promise:
    return Promise(
        id=stored.id,
        call_id=stored.call_id,
        earlier_call_id=earlier.call_id if earlier else None,
        license_number=earlier.license_number if earlier and earlier.verified else None,
        asked_at=stored.asked_at,
        number=context.numbers.open(stored.sealed_number),
        earliest=stored.earliest,
        latest=stored.latest,
        done_at=stored.done_at,
        done_by=by.display_name if by else None,
        note=stored.note,
    )
