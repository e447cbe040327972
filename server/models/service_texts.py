"""The supervisors' edits of the telephone service: its prompts and its office hours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base, UtcDateTime
from server.models.users import User


class PromptVersion(Base):
    """The texts of one prompt from ``set_at`` on; none means those that the bot ships with."""

    __tablename__ = "prompt_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), index=True)
    texts: Mapped[list[str]] = mapped_column(JSON)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by_id: Mapped[int | None] = mapped_column(
        "set_by", ForeignKey("users.id", ondelete="SET NULL"), default=None
    )

    set_by: Mapped[User | None] = relationship(lazy="joined")


class OfficeHours(Base):
    """Hours when representatives answer, as HH:MM, on days of which Monday is 0; the newest row
    counts.
    """

    __tablename__ = "office_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    opens: Mapped[str] = mapped_column(String(5))
    closes: Mapped[str] = mapped_column(String(5))
    weekdays: Mapped[list[int]] = mapped_column(JSON)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), default=None
    )
