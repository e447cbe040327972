"""Educators with their licenses, applications, documents, letters, and activity."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.models.base import Base


class Educator(Base):
    """A person with a license number. Name and mail address are never spoken (S9)."""

    __tablename__ = "educators"

    id: Mapped[int] = mapped_column(primary_key=True)
    license_number: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(200))

    licenses: Mapped[list[License]] = relationship(
        back_populates="educator",
        cascade="all, delete-orphan",
        order_by="License.valid_through.desc(), License.id",
    )
    applications: Mapped[list[Application]] = relationship(
        back_populates="educator",
        cascade="all, delete-orphan",
        order_by="Application.submitted.desc(), Application.id.desc()",
    )
    activities: Mapped[list[Activity]] = relationship(
        back_populates="educator",
        cascade="all, delete-orphan",
        order_by="Activity.on.desc(), Activity.id.desc()",
    )
    letters: Mapped[list[Letter]] = relationship(
        back_populates="educator",
        cascade="all, delete-orphan",
        order_by="Letter.sent.desc(), Letter.id.desc()",
    )


class License(Base):
    """One license; all expire on 30 June."""

    __tablename__ = "licenses"

    id: Mapped[int] = mapped_column(primary_key=True)
    educator_id: Mapped[int] = mapped_column(
        ForeignKey("educators.id", ondelete="CASCADE"), index=True
    )
    license_class: Mapped[str] = mapped_column(String(4))
    license_type: Mapped[str] = mapped_column(String(60))
    issued: Mapped[date]
    valid_through: Mapped[date]
    renewable: Mapped[bool] = mapped_column(default=True)

    educator: Mapped[Educator] = relationship(back_populates="licenses")


class Application(Base):
    """One licensure application. Sorted by ``submitted``; ``received`` is the spoken date."""

    __tablename__ = "applications"
    __table_args__ = (Index("ix_applications_latest", "educator_id", "submitted"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    educator_id: Mapped[int] = mapped_column(ForeignKey("educators.id", ondelete="CASCADE"))
    application_type: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(30), index=True)
    submitted: Mapped[date]
    received: Mapped[date | None] = mapped_column(default=None)
    letter_sent: Mapped[date | None] = mapped_column(default=None)
    document: Mapped[str | None] = mapped_column(String(80), default=None)
    document_received: Mapped[date | None] = mapped_column(default=None)
    license_class: Mapped[str | None] = mapped_column(String(4), default=None)
    issued: Mapped[date | None] = mapped_column(default=None)
    valid_through: Mapped[date | None] = mapped_column(default=None)

    educator: Mapped[Educator] = relationship(back_populates="applications")
    documents: Mapped[list[RequiredDocument]] = relationship(
        back_populates="application",
        cascade="all, delete-orphan",
        order_by="RequiredDocument.id",
    )


class RequiredDocument(Base):
    """One document that an application requires; still needed if it has no received date."""

    __tablename__ = "required_documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(
        ForeignKey("applications.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(80))
    received: Mapped[date | None] = mapped_column(default=None)

    application: Mapped[Application] = relationship(back_populates="documents")


class Activity(Base):
    """One line of account activity; ``event`` is a code of domain.ActivityEvent."""

    __tablename__ = "activities"

    id: Mapped[int] = mapped_column(primary_key=True)
    educator_id: Mapped[int] = mapped_column(
        ForeignKey("educators.id", ondelete="CASCADE"), index=True
    )
    on: Mapped[date] = mapped_column("happened_on")
    event: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120), default="")

    educator: Mapped[Educator] = relationship(back_populates="activities")


class Letter(Base):
    """One letter under Correspondence."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    educator_id: Mapped[int] = mapped_column(
        ForeignKey("educators.id", ondelete="CASCADE"), index=True
    )
    sent: Mapped[date]
    subject: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(default="")

    educator: Mapped[Educator] = relationship(back_populates="letters")
