"""Changing one's own password; every other browser of the person is signed out."""

from __future__ import annotations

from sqlalchemy import delete

from server.context import Context
from server.errors import RuleError
from server.models import User, WebSession
from server.services import audit
from server.services.sign_in import SignedIn
from server.services.staff import SHORTEST

LONGEST = 200


def set_own_password(context: Context, me: SignedIn, password: str, again: str) -> None:
    """Replace the password of a local account. Raises RuleError.

    Long passwords without composition rules (NIST SP 800-63B, section 3.1.1.2).
    """
    if password != again:
        raise RuleError("The two entries differ. Please enter the same password twice.")
    if not SHORTEST <= len(password) <= LONGEST:
        raise RuleError(f"A password must have {SHORTEST} to {LONGEST} characters.")
    if me.username.casefold() in password.casefold():
        raise RuleError("The password must not contain your user name.")
    digest = context.hasher.hash_password(password)
    with context.database.write() as session:
        session.get_one(User, me.user_id).password_digest = digest
        others = (WebSession.user_id == me.user_id) & (WebSession.digest != me.digest)
        session.execute(
            delete(WebSession).where(others), execution_options={"synchronize_session": False}
        )
        audit.record(
            session,
            at=context.now(),
            actor=me.actor,
            action="user.password-set",
            subject=f"user:{me.user_id}",
        )
