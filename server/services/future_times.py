"""Caps stored times that are in the future, after a fast clock was corrected (S17).

Each limit caps the times it reads; this caps the rest, so that nothing outlives its retention.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.models import Attempt, BudgetUse, Call, CallBack, CallToken, OutboxNotice, WebSession
from server.services.sign_in import LONGEST
from server.settings import Settings

_NO_SYNC = {"synchronize_session": False}


def cut_all_times_ahead(session: Session, settings: Settings, now: datetime) -> None:
    """Move every stored time in the future to now, and every end to its full length from now."""
    token = now + timedelta(minutes=settings.token_minutes)
    columns = (
        (BudgetUse.at, now),
        (Attempt.at, now),
        (Call.stored_at, now),
        (CallBack.stored_at, now),
        (CallBack.done_at, now),
        (CallToken.expires_at, token),
        (WebSession.seen_at, now),
        (WebSession.expires_at, now + LONGEST),
        (OutboxNotice.sent_at, now),
    )
    for column, latest in columns:
        session.execute(
            update(column.class_).where(column > latest).values({column: latest}),
            execution_options=_NO_SYNC,
        )
