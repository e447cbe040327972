"""A call's requests to the ELMS backend, and the responses.

The types of a response's members state what the contract allows; bot.adapters.backend_http parses
responses by them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool

from bot.types import Mode

LONGEST_TEXT = 200
LONGEST_PROMPT = 1_000
MOST_ITEMS = 500
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


def _sayable(text: str) -> str:
    """Reject half of a surrogate pair, which cannot be written to a file."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("half a character")
    return text


def _day(value: Any) -> date:
    """Accept only an ISO date; pydantic would accept a number of seconds, too."""
    day = date.fromisoformat(value) if isinstance(value, str) else date.max
    if not EARLIEST <= day <= LATEST:
        raise ValueError("not a date")
    return day


T = TypeVar("T")
Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_sayable)]
PromptText = Annotated[str, Field(max_length=LONGEST_PROMPT), AfterValidator(_sayable)]
Day = Annotated[date, BeforeValidator(_day)]
Weeks = Annotated[int, Field(strict=True, ge=0, le=9_999)]
Several = Annotated[tuple[T, ...], Field(max_length=MOST_ITEMS)]


@dataclass(frozen=True, slots=True)
class Verify:
    """Authenticate one educator; the response is Verified or NotVerified, or BackendError is
    raised.

    ``attempt`` counts from 1 within the call: a request repeated with the same number costs one
    attempt.
    """

    license_number: str = field(repr=False)
    pin: str = field(repr=False)
    mode: Mode = "dtmf"
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class FetchAccount:
    """Read the speakable facts of the verified educator's account; the response is an Account."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FetchService:
    """Read the department's announcements; the response is a Service."""


Request = Verify | FetchAccount | FetchService


@dataclass(frozen=True, slots=True)
class Verified:
    """The PIN is right. The token is valid for one educator and a few minutes."""

    token: Text = field(repr=False)
    pace: Literal["normal", "slow"] = "normal"


@dataclass(frozen=True, slots=True)
class NotVerified:
    """The PIN is wrong, the number is unknown, or the account is locked or has no PIN: one response
    for all (S6).
    """


@dataclass(frozen=True, slots=True)
class Application:
    """The latest application, in the domain's codes; many attributes because each is a fact."""

    status: Text
    application_type: Text
    queue: Literal["renewal", "other"]
    reached: StrictBool
    still_needed: Several[Text]
    received: Day | None = None
    processing_week: Day | None = None
    letter_sent: Day | None = None
    document: Text | None = None
    document_received: Day | None = None
    license_class: Text | None = None
    issued: Day | None = None
    valid_through: Day | None = None
    waited_weeks: Weeks = 0
    overdue: StrictBool = False


@dataclass(frozen=True, slots=True)
class License:
    """One license on the account."""

    license_class: Text
    license_type: Text
    valid_through: Day
    state: Literal["valid", "expiring", "expired"]
    renewable: StrictBool


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of other account activity: what happened to what, and when."""

    on: Day
    event: Text
    subject: Text


@dataclass(frozen=True, slots=True)
class Account:
    """What the telephone may say about one educator (S9: no name, address, or birth date)."""

    application: Application | None
    licenses: Several[License]
    activities: Several[Activity]
    other_open: Several[Text] = ()
    may_reinstate: StrictBool = False


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Hours when representatives answer: opening and closing time; Monday is 0."""

    opens: time
    closes: time
    weekdays: Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(max_length=7)]


@dataclass(frozen=True, slots=True)
class Service:
    """The department's announcements, and its edits on the web pages."""

    holidays: Several[Day]
    """Days on which the call center is closed."""
    renewal_week: Day | None = None
    """The week whose renewals are now being processed, by its Monday."""
    other_week: Day | None = None
    """The week whose other applications are now being processed, by its Monday."""
    prompts: dict[Text, Annotated[tuple[PromptText, ...], Field(max_length=9)]] = field(
        default_factory=dict, hash=False
    )
    """Texts that replace those of the prompt files, by key."""
    hours: OpenHours | None = None
    """Office hours that replace those of the settings."""


NOTHING_ANNOUNCED = Service(())

BackendAnswer = Verified | NotVerified | Account | Service
