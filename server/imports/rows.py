"""What the files of an import hold: one class for each kind of row, one field for each column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from server.domain import ActivityEvent, ApplicationType, LicenseClass, Status
from server.models import Activity, Application, Educator, Letter, License, RequiredDocument
from server.models.base import Base

LONGEST_LETTER = 20_000
"""Characters of a letter's text."""

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _as_date(value: Any) -> Any:
    if isinstance(value, str) and not _ISO_DATE.fullmatch(value):
        raise ValueError("write dates as 2026-11-30")
    return value


Day = Annotated[date, BeforeValidator(_as_date)]
Number = Annotated[str, Field(pattern=r"^[0-9]{4,12}$")]


class Row(BaseModel):
    """One row; a column of another name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    license_number: Number = Field(description="License number, 4 to 12 digits, zeros kept.")

    def values(self) -> dict[str, Any]:
        """By column of the table: codes as text, without what finds the row's owner."""
        return {name: _plain(getattr(self, name)) for name in type(self).model_fields}


class EducatorRow(Row):
    """One person. A new one gets an account of the pages and a telephone without a PIN."""

    name: str = Field(min_length=1, max_length=120, description="Name, as on letters.")
    email: str = Field(
        min_length=3, max_length=200, pattern=r"^[^@\s]+@[^@\s]+$", description="For notices."
    )


class LicenseRow(Row):
    """One license; found again by number, class, type, and day of issue."""

    license_class: LicenseClass = Field(description="A, AA, AAA, or AAAA.")
    license_type: str = Field(min_length=1, max_length=60, description="As it is spoken.")
    issued: Day = Field(description="First day.")
    valid_through: Day = Field(description="Last day.")
    renewable: bool = Field(True, description="true or false; empty is true.")


NEEDED: Mapping[Status, tuple[str, ...]] = {
    Status.RECEIVED: ("received",),
    Status.IN_REVIEW: ("received",),
    Status.REQUIREMENTS_SENT: ("letter_sent",),
    Status.DOCUMENT_RECEIVED: ("document", "document_received"),
    Status.ISSUED: ("license_class", "issued", "valid_through"),
}
"""Columns of an application that its status names to callers."""

WITH_SUBJECT = (
    ActivityEvent.APPLICATION_FILED,
    ActivityEvent.FORM_RECEIVED,
    ActivityEvent.CREDITS_RECEIVED,
)
"""Events whose subject is named to callers."""


class ApplicationRow(Row):
    """One application; found again by number, type, and day of submission."""

    application_type: ApplicationType = Field(description="What was applied for.")
    submitted: Day = Field(description="Day of submission; the last one is spoken of.")
    status: Status = Field(description="What became of it.")
    received: Day | None = Field(
        None, description="Day it was received, as spoken; needed with RECEIVED and IN_REVIEW."
    )
    letter_sent: Day | None = Field(
        None, description="Day of the letter about requirements; needed with REQUIREMENTS_SENT."
    )
    document: str | None = Field(
        None,
        max_length=80,
        description="Document that arrived last; needed with DOCUMENT_RECEIVED.",
    )
    document_received: Day | None = Field(
        None, description="Day it arrived; needed with DOCUMENT_RECEIVED."
    )
    license_class: LicenseClass | None = Field(
        None, description="Class of the issued license; needed with ISSUED."
    )
    issued: Day | None = Field(None, description="Day of issue; needed with ISSUED.")
    valid_through: Day | None = Field(
        None, description="Last day of the issued license; needed with ISSUED."
    )

    @model_validator(mode="after")
    def _has_what_its_status_names(self) -> Self:
        for name in NEEDED.get(self.status, ()):
            if getattr(self, name) is None:
                raise ValueError(f"{name} is empty, but {self.status} requires it")
        return self


class DocumentRow(Row):
    """One thing that an application needs; found again by application and name."""

    application_type: ApplicationType = Field(description="That of the application.")
    submitted: Day = Field(description="That of the application.")
    name: str = Field(min_length=1, max_length=80, description="As it is spoken.")
    received: Day | None = Field(None, description="Day it arrived; empty: still needed.")


class ActivityRow(Row):
    """One line of account activity; found again by all its columns."""

    on: Day = Field(description="Day on which it happened.")
    event: ActivityEvent = Field(description="What happened.")
    subject: str = Field(
        "",
        max_length=120,
        description="What it happened to, as it is spoken; needed with application_filed, "
        "form_received, and credits_received.",
    )

    @model_validator(mode="after")
    def _has_what_its_event_names(self) -> Self:
        if self.event in WITH_SUBJECT and not self.subject:
            raise ValueError(f"subject is empty, but {self.event} requires it")
        return self


class LetterRow(Row):
    """One letter under Correspondence; found again by day and subject."""

    sent: Day = Field(description="Day on which it was sent.")
    subject: str = Field(min_length=1, max_length=120, description="Its subject.")
    body: str = Field("", max_length=LONGEST_LETTER, description="Its text.")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: its rows, their table, and what finds a row again below its owner."""

    name: str
    row: type[Row]
    table: type[Base]
    key: tuple[str, ...]
    of_application: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """In the order of the file."""
        return tuple(self.row.model_fields)


EDUCATORS = Kind("educators", EducatorRow, Educator, ())
KINDS = (
    EDUCATORS,
    Kind("licenses", LicenseRow, License, ("license_class", "license_type", "issued")),
    Kind("applications", ApplicationRow, Application, ("application_type", "submitted")),
    Kind("documents", DocumentRow, RequiredDocument, ("name",), of_application=True),
    Kind("activity", ActivityRow, Activity, ("on", "event", "subject")),
    Kind("letters", LetterRow, Letter, ("sent", "subject")),
)
"""In the order in which they are imported: a row's owner comes before it."""


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value
