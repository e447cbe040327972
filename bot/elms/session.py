"""The state of one call to ELMS; its secrets end with it and are never shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from bot.dialog.evidence import FITTED, EvidenceParameters
from bot.dialog.state import DialogState, properties_of
from bot.elms import office_hours
from bot.elms.call_back_request import CallBackRequest
from bot.elms.login import Login
from bot.elms.requests import NOTHING_ANNOUNCED, Account, Service
from bot.elms.spoken_facts import DAYS
from bot.elms.telephone_number import national_digits
from bot.settings import Hours, Settings
from bot.types import Prompt


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of a call."""

    caller_number: str | None = field(default=None, repr=False)
    resumes: str | None = None
    """The call that nobody could take, which this one resumes."""


NOWHERE = Origin()


@dataclass(slots=True, kw_only=True)
class Session(DialogState):
    """Mutable, one per call, touched only by the dialog."""

    today: date
    """The date at the office."""
    hours: Hours
    answer_when_closed: bool
    login: Login
    wish: CallBackRequest
    service: Service = NOTHING_ANNOUNCED
    token: str | None = field(default=None, repr=False)
    account: Account | None = None
    told: tuple[Prompt, ...] = ()
    """The previous announcement."""
    more_topics: bool = False
    """True if the second half of the topics of general information is offered."""
    wanted: str | None = None
    """The caller's latest choice."""

    @classmethod
    def begin(
        cls,
        settings: Settings,
        is_open: bool,
        today: date = date.min,
        parameters: EvidenceParameters = FITTED,
        origin: Origin = NOWHERE,
    ) -> Session:
        """Return a fresh session under these settings; ``today`` is the date at the office."""
        return cls(
            properties=properties_of(settings),
            slow=settings.slow,
            costs=settings.costs,
            attempts=settings.attempts,
            is_open=is_open,
            parameters=parameters,
            today=today,
            hours=settings.hours,
            answer_when_closed=settings.hours.answer_when_closed,
            login=Login(settings.license_number, parameters),
            wish=CallBackRequest(national_digits(origin.caller_number), origin.resumes, parameters),
        )

    def learn(self, service: Service) -> None:
        """Apply the department's announcements: its closed days add to those of the settings."""
        self.service = service
        self.is_open = self.is_open and self.today not in service.holidays

    def at(self, now: datetime) -> None:
        """Return True if the office is open at this time."""
        self.today = office_hours.local_date(self.hours, now)
        self.is_open = self.is_open_at(now)

    def is_open_at(self, now: datetime) -> bool:
        """Return True if a person can take the call over at this time."""
        closed = office_hours.local_date(self.hours, now) in self.service.holidays
        return office_hours.is_open(self.hours, now) and not closed

    def unreachable(self) -> tuple[Prompt, ...]:
        """Return the prompts that say when the office answers (on a holiday, which day), and what
        to do instead."""
        holidays = (*self.service.holidays, *self.hours.holidays)
        closed = Prompt("office.closed")
        if self.today in holidays:
            day = office_hours.next_working_day(self.hours, self.today, holidays)
            weekday = DAYS[day.weekday()]
            closed = Prompt("office.closed_today", values={"weekday": weekday, "day": day})
        return (closed, Prompt("office.instead"))

    @property
    def verified(self) -> bool:
        """True if the PIN was right."""
        return self.token is not None

    @property
    def proven_number(self) -> str | None:
        """The license number if it is known to be one: any other entry may contain a PIN (S2)."""
        return self.login.number if self.verified else None
