"""Passwords that an operator gives to accounts of the pages."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.context import Context
from server.errors import RuleError
from server.models import User, WebSession
from server.services import audit
from server.services.staff import SHORTEST


def check_user(context: Context, username: str) -> None:
    """Raise RuleError where nobody has this name."""
    with context.database.read() as session:
        _user(session, username)


def set_password(context: Context, username: str, password: str) -> None:
    """Replace a password and end the account's sessions. Raises RuleError."""
    if len(password) < SHORTEST:
        raise RuleError(f"the password needs at least {SHORTEST} characters")
    digest = context.hasher.hash_password(password)
    with context.database.write() as session:
        user = _user(session, username)
        user.password_digest = digest
        session.execute(delete(WebSession).where(WebSession.user_id == user.id))
        audit.record(
            session,
            at=context.now(),
            actor="operator",
            action="password.set",
            subject=f"user:{user.id}",
        )


def _user(session: Session, username: str) -> User:
    user = session.scalars(select(User).where(User.username == username)).one_or_none()
    if user is None:
        raise RuleError(f"unknown account {username}")
    return user
