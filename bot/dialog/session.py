"""What one call knows so far: the dialog's memory; its secrets end with it and are never shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date

from bot.dialog.evidence import AnswerEvidence
from bot.settings import Attempts, Costs, Settings, SlowPace
from bot.types import Account, Mode, Properties


def properties_of(settings: Settings) -> Properties:
    """The collect properties that the settings ask for."""
    return Properties(**settings.turn.model_dump())


@dataclass(slots=True)
class Session:
    """Mutable, one for each call, touched only by the dialog.

    It has many attributes because the state of the login is in it, next to that of the dialog.

    ``number_tries`` is all that was heard of the license number, ``license_mode`` how it was
    given, ``license_sure`` the probability that it is right; ``license_doubted`` says that a PIN
    was refused with it and the caller was not asked since, ``license_confirmed`` that the caller
    keyed yes to it, or gave it twice. ``overruns`` counts numbers that were too long.
    ``license_spelled`` is the number's alphabet as a parameter of its grammar, where it has one.
    ``patience_ms`` is how much silence a question bears at least before it is given up.
    """

    properties: Properties
    slow: SlowPace
    costs: Costs
    attempts: Attempts
    license_length: int
    license_spelled: str
    is_open: bool
    today: date
    answer_when_closed: bool = True
    patience_ms: int = 0
    turns: int = 0
    license_number: str | None = field(default=None, repr=False)
    license_mode: Mode = "voice"
    license_sure: float = 0.0
    license_confirmed: bool = False
    license_doubted: bool = False
    number_tries: AnswerEvidence = field(init=False, repr=False)
    overruns: int = 0
    verifications: int = 0
    refused_pins: set[str] = field(default_factory=set, repr=False)
    token: str | None = field(default=None, repr=False)
    account: Account | None = None
    failed_field: str | None = None
    wanted: str | None = None
    _normal: Properties | None = None

    def __post_init__(self) -> None:
        self.forget_number()

    @classmethod
    def begin(cls, settings: Settings, is_open: bool, today: date = date.min) -> Session:
        """A fresh session under these settings; ``today`` is the date at the office."""
        return cls(
            properties=properties_of(settings),
            slow=settings.slow,
            costs=settings.costs,
            attempts=settings.attempts,
            license_length=settings.license_number.length,
            license_spelled=settings.license_number.spelled,
            is_open=is_open,
            today=today,
            answer_when_closed=settings.hours.answer_when_closed,
        )

    def learn_holidays(self, holidays: Collection[date]) -> None:
        """The backend's closed days, beside those of the settings."""
        self.is_open = self.is_open and self.today not in holidays

    def forget_number(self) -> None:
        """The license number is asked for as if it never had been."""
        self.number_tries = AnswerEvidence(self.license_length)
        self._without_number()

    def take_number(self, number: str, mode: Mode, sure: float) -> None:
        """The caller gave this license number; after a refused PIN perhaps the same one again."""
        again = number == self.license_number
        if not again:
            self._without_number()
        self.license_number, self.license_mode, self.license_sure = number, mode, sure
        self.license_confirmed, self.license_doubted = again, False

    def withdraw_number(self) -> None:
        """The license number was too long, so it was none."""
        self.overruns += 1
        self._without_number()

    def deny_number(self) -> None:
        """The license number is asked for again, and is not the one that it was taken for."""
        self.number_tries.deny(str(self.license_number))
        self._without_number()

    def _without_number(self) -> None:
        """What was refused with one number may be right with the next."""
        self.license_number = None
        self.license_confirmed = self.license_doubted = False
        self.refused_pins.clear()

    @property
    def verified(self) -> bool:
        """Whether the PIN was right."""
        return self.token is not None

    @property
    def proven_number(self) -> str | None:
        """The license number where it is known to be one: any other may hold a PIN (S2)."""
        return self.license_number if self.verified else None

    def take_turn(self) -> bool:
        """Count a collect; False when the call has had its share, so that no dialog loops."""
        self.turns += 1
        return self.turns <= self.attempts.turns

    def slow_down(self) -> int:
        """Give the caller more time for the rest of the call; returns the speaking rate (%)."""
        if self._normal is None:
            self._normal = self.properties
        self.properties = replace(
            self.properties,
            timeout_ms=self.slow.timeout_ms,
            interdigit_timeout_ms=self.slow.interdigit_timeout_ms,
            incomplete_timeout_ms=self.slow.incomplete_timeout_ms,
        )
        self.patience_ms = self.slow.patience_ms
        return self.slow.rate_percent

    def wait_long(self) -> int:
        """Give a caller by text telephone, who has to fetch a relay, time; returns the rate (%)."""
        rate_percent = self.slow_down()
        self.properties = replace(self.properties, timeout_ms=self.slow.patience_ms)
        return rate_percent

    def normal_pace(self) -> int:
        """Back to the normal pace; returns the speaking rate (%)."""
        if self._normal is not None:
            self.properties, self._normal = self._normal, None
        self.patience_ms = 0
        return 100
