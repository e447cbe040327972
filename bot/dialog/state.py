"""What any dialog needs to know of its call: pace, budgets, and what failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.dialog.evidence import FITTED, AnswerEvidence, EvidenceParameters, Heard
from bot.settings import Attempts, Costs, Settings, SlowPace
from bot.types import Prompt, Properties


def properties_of(settings: Settings) -> Properties:
    """The collect properties that the settings ask for."""
    return Properties(**settings.turn.model_dump())


@dataclass(slots=True, kw_only=True)
class DialogState:
    """Mutable, one for each call, touched only by the dialog; an application adds what it knows."""

    properties: Properties
    slow: SlowPace
    costs: Costs
    attempts: Attempts
    is_open: bool
    """Whether a person can take the call over, as far as is known; ``at`` updates it."""
    parameters: EvidenceParameters = FITTED
    patience_ms: int = 0
    """How much silence a question bears at least before it is given up."""
    turns: int = 0
    failed_field: str | None = None
    """What the caller gave up at last."""
    _normal: Properties | None = None

    def evidence(self, length: int | None, before: Heard = ()) -> AnswerEvidence:
        """What is known of an answer when its question is asked."""
        return AnswerEvidence(length, before, parameters=self.parameters)

    def at(self, now: datetime) -> None:
        """Learn the time (aware): an application says what depends on it."""

    def unreachable(self) -> tuple[Prompt, ...]:
        """What a caller hears who asks for a person while none can take the call over."""
        return (Prompt("office.closed"), Prompt("office.instead"))

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
