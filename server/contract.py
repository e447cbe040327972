"""The contract with the bot: requests and responses under /api/v1.

Requests are checked strictly, and extra members are rejected. A validation error never quotes the
input, which could be a PIN.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator

from server.domain import LicenseState, Pace, Queue, Status


def _printable(text: str) -> str:
    """Reject control characters and lone surrogates, which not every database can store."""
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        raise ValueError("control characters are not allowed")
    return text


def _recent(time: datetime) -> datetime:
    """Accept a time of this century; without a zone it is UTC."""
    if not 2000 <= time.year <= 2100:
        raise ValueError("must be between 2000 and 2100")
    return time if time.tzinfo else time.replace(tzinfo=UTC)


Text = Annotated[str, AfterValidator(_printable)]
Heard = Annotated[str, Field(max_length=1_000), AfterValidator(_printable)]
Milliseconds = Annotated[int, Field(ge=0, le=86_400_000)]
CallId = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9._:-]+$")]
LicenseNumber = Annotated[str, Field(pattern=r"^[0-9]{4,12}$")]
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Mode = Literal["voice", "dtmf", "mixed"]


class Incoming(BaseModel):
    """Base class of what the bot sends."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, frozen=True)


class Outgoing(BaseModel):
    """Base class of what the bot receives; built from the services' facts."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class VerificationIn(Incoming):
    """One presented PIN. ``attempt`` counts from 1 within the call; each number is used once."""

    license_number: LicenseNumber
    pin: SecretStr = Field(min_length=4, max_length=4, description="Four digits.")
    call_id: CallId
    attempt: int = Field(1, ge=1, le=99)
    caller_number: Text | None = Field(None, max_length=32)
    mode: Mode = "dtmf"

    @field_validator("pin")
    @classmethod
    def _digits(cls, pin: SecretStr) -> SecretStr:
        digits = pin.get_secret_value()
        if not (digits.isascii() and digits.isdigit()):
            raise ValueError("must be four digits")
        return pin


class VerificationOut(Outgoing):
    """The result. A refusal has the same members, empty, and the same length (S6)."""

    verified: bool
    token: str | None = None
    pace: Pace = Pace.NORMAL


class ApplicationOut(Outgoing):
    """The most recently submitted application.

    ``waited_weeks`` are whole weeks since it was received; ``overdue`` is more than the usual five.
    """

    status: Status
    application_type: str
    queue: Queue
    received: date | None
    processing_week: date | None
    reached: bool
    letter_sent: date | None
    still_needed: tuple[str, ...]
    document: str | None
    document_received: date | None
    license_class: str | None
    issued: date | None
    valid_through: date | None
    waited_weeks: int
    overdue: bool


class LicenseOut(Outgoing):
    """One license."""

    license_class: str
    license_type: str
    valid_through: date
    state: LicenseState
    renewable: bool


class ActivityOut(Outgoing):
    """One line of account activity; ``event`` is a code of domain.ActivityEvent."""

    on: date
    event: str
    subject: str


class AccountOut(Outgoing):
    """Everything the telephone may say about one educator.

    ``other_open`` are the types of further open applications; ``may_reinstate`` says that all
    licenses have expired, and that no open application mends that.
    """

    application: ApplicationOut | None
    licenses: tuple[LicenseOut, ...]
    activities: tuple[ActivityOut, ...]
    other_open: tuple[str, ...]
    may_reinstate: bool


class HoursOut(Outgoing):
    """Hours when representatives answer: opening and closing time; Monday is 0."""

    opens: time
    closes: time
    weekdays: tuple[int, ...]


class ServiceOut(Outgoing):
    """The department's announcements; weeks are given by their Monday."""

    holidays: tuple[date, ...]
    renewal_week: date | None
    other_week: date | None
    prompts: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Edited texts that replace the bot's own, by prompt key."
    )
    hours: HoursOut | None = Field(
        None, description="Office hours that replace those of the bot's settings."
    )


class OutcomeIn(Incoming):
    """How the call ended."""

    outcome: Literal[
        "completed", "transferred", "hangup", "gave-up", "closed", "failed", "call-back"
    ]
    reason: Text = Field(max_length=200)
    verified: bool = False
    license_number: Text | None = Field(None, max_length=12)


class TurnIn(Incoming):
    """One collect. For a secret field, it has neither words nor value."""

    field: Text = Field(max_length=60)
    attempt: int = Field(ge=0, le=1_000)
    result: Literal["match", "nomatch", "noinput", "hangup"]
    start_ms: Milliseconds
    end_ms: Milliseconds
    prompt_end_ms: Milliseconds | None = None
    speech_start_ms: Milliseconds | None = None
    speech_end_ms: Milliseconds | None = None
    reply_after_ms: int | None = Field(None, ge=-86_400_000, le=86_400_000)
    mode: Mode | None = None
    confidence: float | None = Field(None, ge=0, le=1)
    utterance: Text | None = Field(None, max_length=500)
    value: Text | None = Field(None, max_length=200)
    grammar: Text | None = Field(None, max_length=200)
    bargein: bool = False
    decision: Text | None = Field(None, max_length=20)
    partials: tuple[tuple[int, Annotated[Text, Field(max_length=500)]], ...] = Field(
        (), max_length=2_000
    )
    heard: Heard | None = Field(
        None,
        description="What the caller heard since the turn before: sentences that are the same "
        "for everybody, and “[not kept]” for what tells of the caller.",
    )
    unheard: Heard | None = Field(None, description="What barge-in or a hangup took back of it.")


class HandoverIn(Incoming):
    """Information for the representative; nothing secret."""

    reason: Text = Field(max_length=200)
    license_number: Text | None = Field(None, max_length=12)
    verified: bool
    failed_field: Text | None = Field(None, max_length=60)
    wanted: Text | None = Field(None, max_length=60)


class CallBackIn(Incoming):
    """The promise to the caller: a call to this number, between two times of day at the office.

    ``earlier_call_id`` names the call that nobody could take.
    """

    number: str = Field(pattern=r"^[2-9][0-9]{9}$", repr=False)
    earliest: TimeOfDay
    latest: TimeOfDay
    earlier_call_id: CallId | None = None


class CallIn(Incoming):
    """One ended call."""

    call_id: CallId
    started_utc: Annotated[datetime, AfterValidator(_recent)]
    line: Text = Field(max_length=80)
    duration_ms: Milliseconds
    outcome: OutcomeIn
    turns: tuple[TurnIn, ...] = Field((), max_length=1_000)
    handover: HandoverIn | None = None
    pbx_id: CallId | None = None
    call_back: CallBackIn | None = None
    heard: Heard | None = Field(None, description="What the caller heard after the last turn.")
    unheard: Heard | None = None
