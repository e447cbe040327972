"""Local accounts of the department's staff."""

from __future__ import annotations

from sqlalchemy import select

from server.context import Context
from server.domain import Role
from server.errors import RuleError
from server.models import User
from server.services import audit

SHORTEST = 12


def add_staff(context: Context, username: str, name: str, role: Role, password: str) -> None:
    """Add a representative or supervisor. Raises RuleError.

    Passwords need twelve characters, without composition rules (NIST SP 800-63B, section 3.1.1.2).
    """
    if role is Role.EDUCATOR:
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
        audit.record(
            session,
            at=context.now(),
            actor="operator",
            action="user.added",
            subject=f"user:{added.id}",
            facts={"role": role.value},
        )
