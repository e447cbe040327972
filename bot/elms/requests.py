"""What a call asks of the ELMS backend, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from bot.types import Mode


@dataclass(frozen=True, slots=True)
class Verify:
    """Authenticate one educator; answered by Verified or NotVerified, or BackendError is thrown.

    ``attempt`` counts from 1 within the call: asking twice with one number costs one attempt.
    """

    license_number: str = field(repr=False)
    pin: str = field(repr=False)
    mode: Mode = "dtmf"
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class FetchAccount:
    """Read what may be spoken of the verified educator's account; answered by Account."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FetchService:
    """Read the service's holidays; answered by Service."""


Request = Verify | FetchAccount | FetchService


@dataclass(frozen=True, slots=True)
class Verified:
    """The PIN is right. The token is good for one educator and a few minutes."""

    token: str = field(repr=False)
    pace: Literal["normal", "slow"] = "normal"


@dataclass(frozen=True, slots=True)
class NotVerified:
    """Wrong, unknown, locked or no PIN: one answer for all (S6)."""


@dataclass(frozen=True, slots=True)
class Application:
    """The latest application, in the domain's codes; many attributes because each is a fact."""

    status: str
    application_type: str
    queue: Literal["renewal", "other"]
    received: date | None = None
    processing_week: date | None = None
    reached: bool = True
    letter_sent: date | None = None
    still_needed: tuple[str, ...] = ()
    document: str | None = None
    document_received: date | None = None
    license_class: str | None = None
    issued: date | None = None
    valid_through: date | None = None


@dataclass(frozen=True, slots=True)
class License:
    """One license on the account."""

    license_class: str
    license_type: str
    valid_through: date
    state: Literal["valid", "expiring", "expired"]
    renewable: bool = True


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of other account activity: what happened to what, and when."""

    on: date
    event: str
    subject: str


@dataclass(frozen=True, slots=True)
class Account:
    """All that the telephone may speak of one educator (S9: no name, address or birth date)."""

    application: Application | None
    licenses: tuple[License, ...]
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What the department announces: days on which the call center is closed."""

    holidays: tuple[date, ...] = ()


BackendAnswer = Verified | NotVerified | Account | Service
