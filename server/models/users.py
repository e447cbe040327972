"""Users of the web pages, and their sessions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from server.hashing import cost_of
from server.models.base import Base, UtcDateTime
from server.models.educators import Educator


class User(Base):
    """One account of the web pages: an educator, a representative, or a supervisor.

    Without a password digest, only single sign-on (issuer and subject) opens it (decision 26).
    ``password_cost`` repeats the digest's cost in an indexed column, as for a PIN.
    A supervisor has shut out who was ``disabled_at`` some time.
    """

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("oidc_issuer", "oidc_subject", name="uq_users_oidc"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(200), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    password_digest: Mapped[str | None] = mapped_column(String(200), default=None)
    password_cost: Mapped[str | None] = mapped_column(String(80), index=True, default=None)
    oidc_issuer: Mapped[str | None] = mapped_column(String(200), default=None)
    oidc_subject: Mapped[str | None] = mapped_column(String(200), default=None)
    educator_id: Mapped[int | None] = mapped_column(
        ForeignKey("educators.id", ondelete="CASCADE"), unique=True, default=None
    )

    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)

    educator: Mapped[Educator | None] = relationship()

    @validates("password_digest")
    def _note_cost(self, _name: str, digest: str | None) -> str | None:
        self.password_cost = cost_of(digest) if digest is not None else None
        return digest


class WebSession(Base):
    """One signed-in browser; only the SHA-256 of its cookie is kept.

    ``confirmed_at`` is when the person last entered the password or was authenticated by the single
    sign-on, None if unknown; the PIN page requires it to be recent (S11). ``educator_id`` and
    ``call_id`` are the account that a representative's check has opened; ``handled_call`` is the
    stored call that the representative works on.
    """

    __tablename__ = "web_sessions"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    educator_id: Mapped[int | None] = mapped_column(
        ForeignKey("educators.id", ondelete="SET NULL"), default=None
    )
    call_id: Mapped[str | None] = mapped_column(String(80), default=None)
    handled_call: Mapped[str | None] = mapped_column(String(80), default=None)
    flash: Mapped[str | None] = mapped_column(String(300), default=None)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class OutboxNotice(Base):
    """One notice by mail, written together with the change it reports and sent afterward."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    educator_id: Mapped[int] = mapped_column(ForeignKey("educators.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None, index=True)
