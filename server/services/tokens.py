"""Tokens that let a verified call read one account for a while (S4, S17)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from server.context import Context
from server.hashing import new_token, token_digest
from server.models import CallToken


def issue(context: Context, session: Session, educator_id: int, call_id: str, now: datetime) -> str:
    """Issue a token that opens one account for some minutes; only its digest is stored."""
    token = new_token()
    session.add(
        CallToken(
            digest=token_digest(token),
            educator_id=educator_id,
            call_id=call_id,
            expires_at=_latest_end(context, now),
        )
    )
    return token


def end_tokens(session: Session, educator_id: int) -> None:
    """Revoke all tokens of an account."""
    session.execute(delete(CallToken).where(CallToken.educator_id == educator_id))


def educator_of_token(context: Context, token: str) -> int | None:
    """The educator whose account a valid token opens, or None."""
    now = context.now()
    with context.database.read() as session:
        found = session.get(CallToken, token_digest(token))
    if found is None or found.expires_at <= now:
        return None
    latest = _latest_end(context, now)
    if found.expires_at > latest:  # the clock was set back: full length from now
        with context.database.write() as session:
            session.execute(
                update(CallToken).where(CallToken.digest == found.digest).values(expires_at=latest)
            )
    return found.educator_id


def _latest_end(context: Context, now: datetime) -> datetime:
    return now + timedelta(minutes=context.settings.token_minutes)
