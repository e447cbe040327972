"""What one call to ELMS knows so far; its secrets end with it and are never shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from bot.dialog.evidence import FITTED, EvidenceParameters
from bot.dialog.state import DialogState, properties_of
from bot.elms.login import Login
from bot.elms.requests import Account
from bot.elms.telephone_number import national_digits
from bot.elms.wish import Wish
from bot.settings import Hours, Settings
from bot.types import Prompt


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a call comes from."""

    caller_number: str | None = field(default=None, repr=False)
    resumes: str | None = None
    """The call that nobody could take, after which this one goes on."""


NOWHERE = Origin()


@dataclass(slots=True, kw_only=True)
class Session(DialogState):
    """Mutable, one for each call, touched only by the dialog."""

    today: date
    """The date at the office."""
    answer_when_closed: bool
    login: Login
    hours: Hours
    wish: Wish
    token: str | None = field(default=None, repr=False)
    account: Account | None = None
    told: tuple[Prompt, ...] = ()
    """The answer that was said last."""
    wanted: str | None = None
    """What the caller chose last."""

    @classmethod
    def begin(
        cls,
        settings: Settings,
        is_open: bool,
        today: date = date.min,
        parameters: EvidenceParameters = FITTED,
        origin: Origin = NOWHERE,
    ) -> Session:
        """A fresh session under these settings; ``today`` is the date at the office."""
        return cls(
            properties=properties_of(settings),
            slow=settings.slow,
            costs=settings.costs,
            attempts=settings.attempts,
            is_open=is_open,
            parameters=parameters,
            today=today,
            answer_when_closed=settings.hours.answer_when_closed,
            login=Login(settings.license_number, parameters),
            hours=settings.hours,
            wish=Wish(national_digits(origin.caller_number), origin.resumes, parameters),
        )

    def learn_holidays(self, holidays: Collection[date]) -> None:
        """The backend's closed days, beside those of the settings."""
        self.is_open = self.is_open and self.today not in holidays

    @property
    def verified(self) -> bool:
        """Whether the PIN was right."""
        return self.token is not None

    @property
    def proven_number(self) -> str | None:
        """The license number where it is known to be one: any other may hold a PIN (S2)."""
        return self.login.number if self.verified else None
