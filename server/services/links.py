"""Links between subjects of the single sign-on and accounts (decision 26).

A link is made by an operator, or at an educator's first sign-in from a claim that the department
issues. An account with a password is linked only by an operator.
"""

from __future__ import annotations

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import Role
from server.errors import RuleError
from server.models import User, WebSession
from server.services import audit
from server.services.id_token import LONGEST_SUBJECT

OPERATOR = "operator"


def linked_user(session: Session, issuer: str, subject: str) -> User | None:
    """The account linked to this subject, or None."""
    return session.scalars(
        select(User).where(User.oidc_issuer == issuer, User.oidc_subject == subject)
    ).one_or_none()


def claim_educator(session: Session, issuer: str, subject: str, license_number: object) -> bool:
    """Link the educator named by the department's claim, if unlinked and without a password.

    One statement, so that only one of two people who claim the same account at once gets it.
    """
    if not isinstance(license_number, str) or not license_number.isalnum():
        return False
    claimed = session.execute(
        update(User)
        .where(
            User.username == license_number,
            User.role == Role.EDUCATOR.value,
            User.password_digest.is_(None),
            User.oidc_subject.is_(None),
        )
        .values(oidc_issuer=issuer, oidc_subject=subject)
    )
    assert isinstance(claimed, CursorResult)  # noqa: S101 - narrows for the type checker
    return claimed.rowcount == 1


def link_user(context: Context, username: str, subject: str) -> None:
    """Link a subject of the provider to an account. Raises RuleError."""
    issuer = _issuer(context)
    if not 0 < len(subject) <= LONGEST_SUBJECT or not (subject.isascii() and subject.isprintable()):
        raise RuleError(f"a subject must have 1 to {LONGEST_SUBJECT} printable ASCII characters")
    with context.database.write() as session:
        user = _user(session, username)
        if user.oidc_subject is not None:
            raise RuleError(
                f"{username} is already linked; run: elms-server unlink-user {username}"
            )
        other = linked_user(session, issuer, subject)
        if other is not None:
            raise RuleError(
                f"this subject is linked to the account {other.username}; unlink that one first"
            )
        user.oidc_issuer, user.oidc_subject = issuer, subject
        _record(context, session, user, "user.linked")


def unlink_user(context: Context, username: str) -> None:
    """Remove the link and end the account's sessions. Raises RuleError."""
    with context.database.write() as session:
        user = _user(session, username)
        if user.oidc_subject is None:
            raise RuleError(f"{username} is not linked")
        user.oidc_issuer = user.oidc_subject = None
        session.execute(delete(WebSession).where(WebSession.user_id == user.id))
        _record(context, session, user, "user.unlinked")


def _issuer(context: Context) -> str:
    issuer = context.settings.sso.issuer
    if issuer is None:
        raise RuleError("single sign-on is not configured; set sso.issuer first")
    return issuer


def _user(session: Session, username: str) -> User:
    user = session.scalars(
        select(User).where(User.username == username).with_for_update()
    ).one_or_none()
    if user is None:
        raise RuleError(f"unknown account {username}")
    return user


def _record(context: Context, session: Session, user: User, action: audit.Action) -> None:
    audit.record(
        session,
        at=context.now(),
        actor=OPERATOR,
        action=action,
        subject=f"user:{user.id}",
    )
