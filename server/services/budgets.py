"""Counters within a window that are right under concurrency, across processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.models import Budget

_NO_SYNC = {"synchronize_session": False}


def spend(session: Session, key: str, window: timedelta, now: datetime) -> int:
    """Count one more in the key's window, atomically; return how many there are now.

    The row stays locked until the transaction ends, so that no other can count in between.
    """
    over = Budget.window_started <= now - window
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(Budget).values(key=key, window_started=now, used=1)
    counted = statement.on_conflict_do_update(
        index_elements=[Budget.key],
        set_={
            "used": case((over, 1), else_=Budget.used + 1),
            "window_started": case((over, now), else_=Budget.window_started),
        },
    ).returning(Budget.used)
    return session.execute(counted, execution_options=_NO_SYNC).scalar_one()


def give_back(session: Session, keys: tuple[str, ...]) -> None:
    """Take one off each key, in order: what was counted in advance turned out to be right."""
    for key in keys:
        session.execute(
            update(Budget).where(Budget.key == key, Budget.used > 0).values(used=Budget.used - 1),
            execution_options=_NO_SYNC,
        )
