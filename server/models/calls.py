"""Stored calls with their turns, and the department's announcements."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, UtcDateTime
from server.models.users import User


class Call(Base):
    """One ended call; ``handover`` is for a representative, who may take it once."""

    __tablename__ = "calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(80), unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    line: Mapped[str] = mapped_column(String(80))
    duration_ms: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    verified: Mapped[bool]
    license_number: Mapped[str | None] = mapped_column(String(12), default=None, index=True)
    handover: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    pbx_id: Mapped[str | None] = mapped_column(String(80), default=None)
    taken_by_id: Mapped[int | None] = mapped_column(
        "taken_by", ForeignKey("users.id", ondelete="SET NULL"), default=None
    )
    disposition: Mapped[str | None] = mapped_column(String(60), default=None)
    heard: Mapped[str | None] = mapped_column(String(1_000), default=None)
    unheard: Mapped[str | None] = mapped_column(String(1_000), default=None)

    taken_by: Mapped[User | None] = relationship(lazy="joined")
    notes: Mapped[list[CallNote]] = relationship(
        cascade="all, delete-orphan", order_by="CallNote.id"
    )
    turns: Mapped[list[Turn]] = relationship(
        back_populates="call", cascade="all, delete-orphan", order_by="Turn.position"
    )


class CallNote(Base):
    """One note that a person of the staff wrote on a call."""

    __tablename__ = "call_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_row_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), default=None
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(String(500))

    user: Mapped[User | None] = relationship(lazy="joined")


class Turn(Base):
    """One collect of a call, as in the bot's TurnRecord. Times are audio milliseconds."""

    __tablename__ = "turns"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_row_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    field: Mapped[str] = mapped_column(String(60), index=True)
    attempt: Mapped[int]
    result: Mapped[str] = mapped_column(String(10))
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    prompt_end_ms: Mapped[int | None]
    speech_start_ms: Mapped[int | None]
    speech_end_ms: Mapped[int | None]
    reply_after_ms: Mapped[int | None]
    mode: Mapped[str | None] = mapped_column(String(10))
    confidence: Mapped[float | None]
    utterance: Mapped[str | None] = mapped_column(String(500))
    value: Mapped[str | None] = mapped_column(String(200))
    grammar: Mapped[str | None] = mapped_column(String(200))
    bargein: Mapped[bool]
    decision: Mapped[str | None] = mapped_column(String(20))
    partials: Mapped[list[Any]] = mapped_column(JSON)
    heard: Mapped[str | None] = mapped_column(String(1_000), default=None)
    unheard: Mapped[str | None] = mapped_column(String(1_000), default=None)

    call: Mapped[Call] = relationship(back_populates="turns")


class WeeklyNotice(Base):
    """The two weeks now being processed (each by its Monday); the newest row is current."""

    __tablename__ = "weekly_notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    renewal_week: Mapped[date]
    other_week: Mapped[date]
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), default=None
    )


class Holiday(Base):
    """One day on which the call center is closed."""

    __tablename__ = "holidays"

    on: Mapped[date] = mapped_column("closed_on", primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
