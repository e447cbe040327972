"""The progress of a caller's login: license number and PIN."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.dialog.evidence import FITTED, AnswerEvidence, EvidenceParameters
from bot.settings import LicenseNumber
from bot.types import Mode

PIN_LENGTH = 4
SECRET_FIELDS = frozenset({"pin"})
"""Fields, and slots of prompts, whose values are neither kept nor read back (S14)."""


@dataclass(slots=True)
class Login:
    """Mutable, one per call. No ``repr`` shows a number or PIN."""

    format: LicenseNumber
    parameters: EvidenceParameters = FITTED
    number: str | None = field(default=None, repr=False)
    """The accepted license number; None if it has to be asked for."""
    mode: Mode = "voice"
    """How it was given."""
    sure: float = 0.0
    """The probability that it is right."""
    confirmed: bool = False
    """True if the caller keyed yes to it, or gave it twice."""
    doubted: bool = False
    """True if a PIN was refused with it, and the caller has not been asked about it since."""
    tries: AnswerEvidence = field(init=False, repr=False)
    """All evidence for it."""
    overruns: int = 0
    """Number of entries that were too long."""
    verifications: int = 0
    refused_pins: set[str] = field(default_factory=set, repr=False)
    """PINs that were refused with this number."""

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget the license number, as if it had never been given."""
        self.tries = AnswerEvidence(self.format.length, parameters=self.parameters)
        self._without_number()

    def take(self, number: str, mode: Mode, sure: float) -> None:
        """Accept this license number; after a refused PIN, it may be the same one again."""
        again = number == self.number
        if not again:
            self._without_number()
        self.number, self.mode, self.sure = number, mode, sure
        self.confirmed, self.doubted = again, False

    def affirm(self, sure: float, *, keyed: bool) -> None:
        """Note that the caller confirmed the number with which a PIN was refused."""
        self.sure, self.confirmed, self.doubted = sure, keyed, False

    def deny(self) -> None:
        """Ask for the license number again, and exclude the previous one."""
        self.tries.deny(str(self.number))
        self._without_number()

    def withdraw(self) -> None:
        """Note a license number that turned out too long, so that it is not one."""
        self.overruns += 1
        self._without_number()

    def refuse(self, pin: str) -> None:
        """Note a wrong PIN: it is not tried again, and the number may be wrong, too."""
        self.refused_pins.add(pin)
        self.doubted = not self.confirmed

    def pins(self) -> AnswerEvidence:
        """Return what is known about the PIN beforehand: the values that it cannot be."""
        return AnswerEvidence(PIN_LENGTH, denied=self.refused_pins, parameters=self.parameters)

    def _without_number(self) -> None:
        """Forget refused PINs, which may be right with another number."""
        self.number = None
        self.confirmed = self.doubted = False
        self.refused_pins.clear()
