"""A person who is signed in, without a session in a database."""

from __future__ import annotations

from server.services.sign_in import SignedIn


def signed_in(role: str, *, educator_id: int | None = None, user_id: int = 7) -> SignedIn:
    """Someone with this role who signed in with a password just now."""
    return SignedIn(
        digest="d",
        csrf="token",
        user_id=user_id,
        username="somebody",
        display_name="Somebody",
        role=role,
        educator_id=educator_id,
        fresh=True,
        local=True,
        opened_educator_id=None,
        call_id=None,
        handled_call=None,
        flash=None,
    )
