"""Local accounts and browser sessions; only digests of cookies are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.context import Context
from server.errors import RuleError
from server.hashing import new_token, token_digest
from server.models import User, WebSession
from server.services import audit
from server.services.budgets import give_back
from server.services.hash_costs import stored_costs
from server.services.password_tries import (
    Origin,
    Tries,
    too_many,
    tries_of,
    tries_of_session,
)

LONGEST = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
WRONG = "The user name or password is incorrect."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The session of the browser that requests a page.

    It has many attributes because pages read it in place of rows, whose transaction has ended.
    """

    digest: str
    csrf: str
    user_id: int
    username: str
    display_name: str
    role: str
    educator_id: int | None
    fresh: bool
    local: bool
    opened_educator_id: int | None
    call_id: str | None
    handled_call: str | None
    """The stored call that this person works on, if any."""
    flash: str | None

    @property
    def actor(self) -> str:
        """This person's name in audit rows."""
        return f"user:{self.user_id}"


def sign_in(context: Context, username: str, password: str, origin: Origin) -> str:
    """Return the cookie of a new session. Raises RuleError, or TooManyError after many attempts."""
    user_id = check_password(context, username, password, tries_of(context, username, origin))
    return open_session(context, user_id, context.now())


def confirm(context: Context, signed_in: SignedIn, password: str) -> None:
    """Check the password again. Raises RuleError, or TooManyError after many attempts."""
    tries = tries_of_session(context, signed_in.digest)
    check_password(context, signed_in.username, password, tries)
    change_session(context, signed_in.digest, confirmed_at=context.now())


def check_password(context: Context, username: str, password: str, tries: Tries) -> int:
    """Return the user's ID if the password is right. Unknown names take the same steps.

    Raises RuleError, or TooManyError after many attempts.
    """
    now = context.now()
    with context.database.write() as session:
        counted = tries.count(session, now)
        user = session.scalars(select(User).where(User.username == username)).one_or_none()
        costs = stored_costs(session, User.password_cost)
    if isinstance(counted, timedelta):
        raise too_many(counted)
    digest = user.password_digest if user else None
    right = context.hasher.check_password(digest, password, costs)
    renewed = _renewed(context, digest, password) if right else None
    with context.database.write() as session:
        audit.record(
            session,
            at=now,
            actor="web",
            action="sign-in.succeeded" if right else "sign-in.failed",
            subject=f"user:{user.id}" if user else "user:unknown",
        )
        if right:
            give_back(session, counted)
        if user is not None and renewed is not None:
            _store_renewed(session, user, renewed)
    if user is None or not right or user.disabled_at is not None:
        raise RuleError(WRONG)
    return user.id


def _renewed(context: Context, digest: str | None, password: str) -> str | None:
    """A correct password's digest at the current cost, if the stored one has another."""
    dated = digest is not None and context.hasher.is_dated(digest)
    return context.hasher.hash_password(password) if dated else None


def _store_renewed(session: Session, checked: User, renewed: str) -> None:
    """Replace the digest that was checked, unless the password has changed since."""
    user = session.get(User, checked.id)
    if user is not None and user.password_digest == checked.password_digest:
        user.password_digest = renewed


def open_session(context: Context, user_id: int, proved_at: datetime | None) -> str:
    """Open a new session; return its cookie.

    ``proved_at`` is when the person entered the password or was last authenticated by the single
    sign-on; None if unknown, which never counts as recent (S11).
    """
    now = context.now()
    token = new_token()
    with context.database.write() as session:
        session.add(
            WebSession(
                digest=token_digest(token),
                user_id=user_id,
                csrf=new_token(),
                created_at=now,
                seen_at=now,
                confirmed_at=proved_at,
                expires_at=now + LONGEST,
            )
        )
    return token


def find_session(context: Context, token: str | None, is_watching: bool = False) -> SignedIn | None:
    """The session of a cookie, unless it is over or was idle too long.

    A page that only watches leaves the session as it is: it counts as idle, and keeps its message.
    """
    if not token:
        return None
    now = context.now()
    idle = timedelta(minutes=context.settings.session_minutes)
    with context.database.read() as session:
        row = session.get(WebSession, token_digest(token))
    if row is None or row.expires_at <= now or row.seen_at <= now - idle:
        return None
    if row.user.disabled_at is not None:
        return None
    ahead = row.seen_at > now or row.expires_at > now + LONGEST  # the clock was set back
    if not is_watching and (row.seen_at <= now - TOUCH or ahead or row.flash):
        with context.database.write() as session:
            kept = session.get(WebSession, row.digest)
            if kept is not None:
                kept.seen_at, kept.flash = now, None
                kept.expires_at = min(kept.expires_at, now + LONGEST)
    return _signed_in(context, row, now)


def _signed_in(context: Context, row: WebSession, now: datetime) -> SignedIn:
    fresh = timedelta(minutes=context.settings.fresh_minutes)
    return SignedIn(
        digest=row.digest,
        csrf=row.csrf,
        user_id=row.user_id,
        username=row.user.username,
        display_name=row.user.display_name,
        role=row.user.role,
        educator_id=row.user.educator_id,
        fresh=row.confirmed_at is not None and now - fresh < row.confirmed_at <= now,
        local=row.user.password_digest is not None,
        opened_educator_id=row.educator_id,
        call_id=row.call_id,
        handled_call=row.handled_call,
        flash=row.flash,
    )


def change_session(context: Context, digest: str, **columns: object) -> None:
    """Change columns of a session, such as its next message or its open account."""
    with context.database.write() as session:
        row = session.get(WebSession, digest)
        if row is not None:
            for name, value in columns.items():
                setattr(row, name, value)


def close_session(context: Context, digest: str) -> None:
    """Sign out; the cookie becomes invalid."""
    with context.database.write() as session:
        session.execute(delete(WebSession).where(WebSession.digest == digest))
