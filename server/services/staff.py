"""Accounts of the department's staff: added, given another role, disabled, signed out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import Role
from server.errors import RuleError
from server.models import User, WebSession
from server.services import audit
from server.services.sign_in import SignedIn

SHORTEST = 12
STAFF_ROLES = (Role.REPRESENTATIVE, Role.SUPERVISOR)
_NO_SYNC = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the staff."""

    id: int
    username: str
    name: str
    role: Role
    is_disabled: bool
    has_password: bool
    """False for those who sign in through the identity provider alone."""
    sessions: int
    """Browsers signed in now."""
    seen_at: datetime | None


def staff(context: Context) -> list[Person]:
    """Everybody, by name."""
    now = context.now()
    idle = now - timedelta(minutes=context.settings.session_minutes)
    open_now = (WebSession.expires_at > now, WebSession.seen_at > idle)
    with context.database.read() as session:
        rows = session.execute(
            select(User, func.count(WebSession.digest), func.max(WebSession.seen_at))
            .outerjoin(WebSession, (WebSession.user_id == User.id) & open_now[0] & open_now[1])
            .where(User.role.in_([role.value for role in STAFF_ROLES]))
            .group_by(User.id)
            .order_by(User.display_name, User.id)
        ).all()
    return [_person(user, sessions, seen_at) for user, sessions, seen_at in rows]


def add_staff(
    context: Context,
    username: str,
    name: str,
    role: Role,
    password: str,
    actor: str = "operator",
) -> None:
    """Add a representative or supervisor. Raises RuleError.

    Passwords need twelve characters, without composition rules (NIST SP 800-63B, section 3.1.1.2).
    """
    if role not in STAFF_ROLES:
        raise RuleError("educator accounts come with the license and cannot be added here")
    if len(password) < SHORTEST:
        raise RuleError(f"the password must have at least {SHORTEST} characters")
    digest = context.hasher.hash_password(password)
    with context.database.write() as session:
        if session.scalar(select(User.id).where(User.username == username)) is not None:
            raise RuleError(f"the account {username} already exists")
        added = User(username=username, display_name=name, role=role.value, password_digest=digest)
        session.add(added)
        session.flush()
        _record(session, context, actor, "user.added", added.id, {"role": role.value})


def add_with_password(context: Context, me: SignedIn, username: str, name: str, role: str) -> str:
    """Add somebody with a password that is made here, shown once, and kept only as a digest."""
    if not username.isprintable() or not 1 <= len(username.strip()) <= 80:
        raise RuleError("Please give a user name of at most 80 characters.")
    if not name.isprintable() or not 1 <= len(name.strip()) <= 120:
        raise RuleError("Please give a name of at most 120 characters.")
    password = secrets.token_urlsafe(12)
    add_staff(context, username.strip(), name.strip(), _role(role), password, me.actor)
    return password


def new_password(context: Context, me: SignedIn, user_id: int) -> str:
    """Replace somebody's password by one that is made here, and sign them out. Raises RuleError."""
    password = secrets.token_urlsafe(12)
    digest = context.hasher.hash_password(password)
    with context.database.write() as session:
        _other(session, me, user_id).password_digest = digest
        _end_sessions(session, user_id)
        _record(session, context, me.actor, "user.password-replaced", user_id)
    return password


def set_role(context: Context, me: SignedIn, user_id: int, role: str) -> None:
    """Give somebody else another role, and sign them out. Raises RuleError."""
    chosen = _role(role)
    with context.database.write() as session:
        _other(session, me, user_id).role = chosen.value
        _end_sessions(session, user_id)
        _record(session, context, me.actor, "user.role-set", user_id, {"role": chosen.value})


def set_disabled(context: Context, me: SignedIn, user_id: int, disabled: bool) -> None:
    """Shut somebody else out at once, or let them in again. Raises RuleError."""
    with context.database.write() as session:
        _other(session, me, user_id).disabled_at = context.now() if disabled else None
        _end_sessions(session, user_id)
        action: audit.Action = "user.disabled" if disabled else "user.enabled"
        _record(session, context, me.actor, action, user_id)


def end_sessions(context: Context, me: SignedIn, user_id: int) -> None:
    """Sign somebody out of every browser. Raises RuleError."""
    with context.database.write() as session:
        _other(session, me, user_id)
        _end_sessions(session, user_id)
        _record(session, context, me.actor, "user.signed-out", user_id)


def _role(text: str) -> Role:
    if text not in STAFF_ROLES:
        raise RuleError("Please choose a role.")
    return Role(text)


def _other(session: Session, me: SignedIn, user_id: int) -> User:
    """Somebody else of the staff: nobody shuts themselves out."""
    found = session.get(User, user_id)
    if found is None or found.role not in STAFF_ROLES:
        raise RuleError("This account does not exist.")
    if found.id == me.user_id:
        raise RuleError("You cannot change your own account. Ask another supervisor.")
    return found


def _end_sessions(session: Session, user_id: int) -> None:
    gone = delete(WebSession).where(WebSession.user_id == user_id)
    session.execute(gone, execution_options=_NO_SYNC)


def _record(
    session: Session,
    context: Context,
    actor: str,
    action: audit.Action,
    user_id: int,
    facts: dict[str, str] | None = None,
) -> None:
    audit.record(
        session,
        at=context.now(),
        actor=actor,
        action=action,
        subject=f"user:{user_id}",
        facts=facts,
    )


def _person(user: User, sessions: int, seen_at: datetime | None) -> Person:
    return Person(
        id=user.id,
        username=user.username,
        name=user.display_name,
        role=Role(user.role),
        is_disabled=user.disabled_at is not None,
        has_password=user.password_digest is not None,
        sessions=sessions,
        seen_at=seen_at,
    )
