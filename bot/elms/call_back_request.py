"""A caller's request for a call-back: at which number, and after which call."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.dialog.evidence import FITTED, AnswerEvidence, EvidenceParameters
from bot.elms.telephone_number import LENGTH
from bot.types import CallOutcome


@dataclass(slots=True)
class CallBackRequest:
    """One call's mutable request. No ``repr`` shows a number."""

    own: str | None = field(default=None, repr=False)
    """The caller's own number, ten digits; None if it is withheld or cannot be called."""
    earlier_call_id: str | None = None
    """ID of the call that nobody could take."""
    parameters: EvidenceParameters = FITTED
    number: str | None = field(default=None, repr=False)
    """The number to call."""
    otherwise: CallOutcome | None = None
    """How the call ends if the caller declines; None if the request follows an earlier call that
    nobody could take."""
    another: bool = False
    """True if the caller wants to be called at another number."""
    mistakes: int = 0
    """Number of entries that were not a telephone number."""
    tries: AnswerEvidence = field(init=False, repr=False)
    """The evidence for another number."""

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Discard the number and its evidence, as before the first question."""
        self.number, self.another = None, False
        self.tries = AnswerEvidence(LENGTH, parameters=self.parameters)
