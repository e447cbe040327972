"""What a caller whom nobody could talk to wants: to be called back, where, and after which call."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.dialog.evidence import FITTED, AnswerEvidence, EvidenceParameters
from bot.elms.telephone_number import LENGTH
from bot.types import CallOutcome


@dataclass(slots=True)
class Wish:
    """Mutable, one for each call. No ``repr`` shows a number."""

    own: str | None = field(default=None, repr=False)
    """The ten digits of the number that the call comes from; None where it is withheld, or cannot
    be called."""
    earlier_call_id: str | None = None
    """The call that nobody could take."""
    parameters: EvidenceParameters = FITTED
    number: str | None = field(default=None, repr=False)
    """Where to call."""
    otherwise: CallOutcome | None = None
    """How the call ends if the caller wants no call back; None where nobody could take an earlier
    one."""
    another: bool = False
    """Whether the caller wants to be called elsewhere."""
    mistakes: int = 0
    """How often the caller gave what is no number."""
    tries: AnswerEvidence = field(init=False, repr=False)
    """All that was heard of another number."""

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Nothing of it was said yet."""
        self.number, self.another = None, False
        self.tries = AnswerEvidence(LENGTH, parameters=self.parameters)
