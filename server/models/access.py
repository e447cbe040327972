"""PINs, telephone locks, attempts, budgets, and the tokens of verified calls."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, validates

from server.hashing import cost_of
from server.models.base import Base, UtcDateTime


class Pin(Base):
    """An educator's PIN as Argon2id over an HMAC (S1); no row if none is set.

    ``cost`` repeats the digest's cost in its own column, so that an index finds all costs (S6).
    """

    __tablename__ = "pins"

    educator_id: Mapped[int] = mapped_column(
        ForeignKey("educators.id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[str] = mapped_column(String(200))
    cost: Mapped[str] = mapped_column(String(80), index=True)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @validates("digest")
    def _note_cost(self, _name: str, digest: str) -> str:
        self.cost = cost_of(digest)
        return digest


class PhoneAccess(Base):
    """The telephone channel of one educator; concurrent checks lock this row."""

    __tablename__ = "phone_access"

    educator_id: Mapped[int] = mapped_column(
        ForeignKey("educators.id", ondelete="CASCADE"), primary_key=True
    )
    pace: Mapped[str] = mapped_column(String(10), default="normal")
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    lockouts: Mapped[int] = mapped_column(default=0)


class Attempt(Base):
    """One presented PIN. ``subject`` is a keyed digest of the license number, known or not.

    The digits of an unknown number are not stored, since callers may say something else there.
    Call, number, subject, channel, and user identify a repeated request (S15); several rows may
    share them. ``outdated`` rows were written before the owner last set a PIN or unlocked the
    telephone: they no longer count against the account and open nothing.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        Index("ix_attempts_call", "call_id", "number"),
        Index("ix_attempts_account", "educator_id", "at"),
        Index("ix_attempts_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    subject: Mapped[str] = mapped_column(String(64))
    educator_id: Mapped[int | None] = mapped_column(
        ForeignKey("educators.id", ondelete="CASCADE"), default=None
    )
    channel: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(10))
    result: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), default=None
    )
    reason: Mapped[str | None] = mapped_column(String(200), default=None)
    outdated: Mapped[bool] = mapped_column(default=False, server_default=false())


class Budget(Base):
    """The row that concurrent uses of a budget lock; keys of people are keyed digests."""

    __tablename__ = "budgets"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)


class BudgetUse(Base):
    """One wrong PIN (or sign-in) that counts in a budget until it leaves the window.

    Numbers are never reused, so that giving a use back never removes somebody else's.
    """

    __tablename__ = "budget_uses"
    __table_args__ = (
        Index("ix_budget_uses_key", "key", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CallToken(Base):
    """The account that a verified call may read, and until when; keeps only the token's SHA-256."""

    __tablename__ = "call_tokens"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    educator_id: Mapped[int] = mapped_column(
        ForeignKey("educators.id", ondelete="CASCADE"), index=True
    )
    call_id: Mapped[str] = mapped_column(String(80))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
