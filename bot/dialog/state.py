"""State of a call that any dialog needs: pace, budgets, and failures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.dialog.evidence import FITTED, AnswerEvidence, EvidenceParameters, Heard
from bot.settings import Attempts, Costs, Settings, SlowPace
from bot.types import Prompt, Properties


def properties_of(settings: Settings) -> Properties:
    """The collect properties from the settings."""
    return Properties(**settings.turn.model_dump())


@dataclass(slots=True, kw_only=True)
class DialogState:
    """Mutable state, one per call, touched only by the dialog; an application extends it."""

    properties: Properties
    slow: SlowPace
    costs: Costs
    attempts: Attempts
    is_open: bool
    """True if, as far as is known, a person can take the call; ``at`` updates it."""
    parameters: EvidenceParameters = FITTED
    patience_ms: int = 0
    """Least silence before a question is given up."""
    turns: int = 0
    failed_field: str | None = None
    """The question that the caller gave up last."""
    _normal: Properties | None = None

    def evidence(self, length: int | None, before: Heard = ()) -> AnswerEvidence:
        """Return what is known about an answer when its question is asked."""
        return AnswerEvidence(length, before, parameters=self.parameters)

    def at(self, now: datetime) -> None:
        """Set the time (aware); an application updates whatever depends on it."""

    def unreachable(self) -> tuple[Prompt, ...]:
        """Return the prompts for a caller who asks for a person when none can take the call."""
        return (Prompt("office.closed"), Prompt("office.instead"))

    def take_turn(self) -> bool:
        """Count a collect; return False if the call has used up its share, so that no dialog
        loops.
        """
        self.turns += 1
        return self.turns <= self.attempts.turns

    def slow_down(self) -> int:
        """Give the caller more time for the rest of the call; return the speaking rate (%)."""
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
        """Give a text telephone's caller time to reach a relay; return the rate (%)."""
        rate_percent = self.slow_down()
        self.properties = replace(self.properties, timeout_ms=self.slow.patience_ms)
        return rate_percent

    def normal_pace(self) -> int:
        """Return to the normal pace; return the speaking rate (%)."""
        if self._normal is not None:
            self.properties, self._normal = self._normal, None
        self.patience_ms = 0
        return 100
