"""Callers whom somebody promised to call back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.models.base import Base, UtcDateTime


class CallBack(Base):
    """One promise. The number is sealed (server.sealing), so that a database alone does not show
    it. ``earliest`` and ``latest`` are times of day at the office, such as 08:00."""

    __tablename__ = "call_backs"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(80), unique=True)
    earlier_call_id: Mapped[str | None] = mapped_column(String(80), default=None)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    sealed_number: Mapped[str] = mapped_column(String(200))
    earliest: Mapped[str] = mapped_column(String(5))
    latest: Mapped[str] = mapped_column(String(5))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None, index=True)
    done_by: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), default=None
    )
    note: Mapped[str | None] = mapped_column(String(200), default=None)
