"""How far a caller has come with license number and PIN."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.dialog.evidence import FITTED, AnswerEvidence, EvidenceParameters
from bot.settings import LicenseNumber
from bot.types import Mode

PIN_LENGTH = 4
SECRET_FIELDS = frozenset({"pin"})
"""Fields, and slots of prompts, whose values are neither kept nor spoken back (S14)."""


@dataclass(slots=True)
class Login:
    """Mutable, one for each call. No ``repr`` shows a number or PIN."""

    format: LicenseNumber
    parameters: EvidenceParameters = FITTED
    number: str | None = field(default=None, repr=False)
    """The license number that was accepted; None where it has to be asked for."""
    mode: Mode = "voice"
    """How it was given."""
    sure: float = 0.0
    """The probability that it is right."""
    confirmed: bool = False
    """Whether the caller keyed yes to it, or gave it twice."""
    doubted: bool = False
    """Whether a PIN was refused with it, and the caller was not asked since."""
    tries: AnswerEvidence = field(init=False, repr=False)
    """All that was heard of it."""
    overruns: int = 0
    """How many numbers were too long."""
    verifications: int = 0
    refused_pins: set[str] = field(default_factory=set, repr=False)
    """Those that were refused with this number."""

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """The license number is asked for as if it never had been."""
        self.tries = AnswerEvidence(self.format.length, parameters=self.parameters)
        self._without_number()

    def take(self, number: str, mode: Mode, sure: float) -> None:
        """The caller gave this license number; after a refused PIN perhaps the same one again."""
        again = number == self.number
        if not again:
            self._without_number()
        self.number, self.mode, self.sure = number, mode, sure
        self.confirmed, self.doubted = again, False

    def affirm(self, sure: float, *, keyed: bool) -> None:
        """The caller said, or keyed, that the number with which a PIN was refused is right."""
        self.sure, self.confirmed, self.doubted = sure, keyed, False

    def deny(self) -> None:
        """The license number is asked for again, and is not the one that it was taken for."""
        self.tries.deny(str(self.number))
        self._without_number()

    def withdraw(self) -> None:
        """The license number was too long, so it was none."""
        self.overruns += 1
        self._without_number()

    def refuse(self, pin: str) -> None:
        """The PIN was not right: it is not tried again, and the number may be wrong, too."""
        self.refused_pins.add(pin)
        self.doubted = not self.confirmed

    def pins(self) -> AnswerEvidence:
        """What is known of the PIN: which ones it is not."""
        return AnswerEvidence(PIN_LENGTH, denied=self.refused_pins, parameters=self.parameters)

    def _without_number(self) -> None:
        """What was refused with one number may be right with the next."""
        self.number = None
        self.confirmed = self.doubted = False
        self.refused_pins.clear()
