"""A listener's answer to a recording, and the questions asked of a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.audio.files import Audio

UNIVERSALS, AT_LOGIN = "universals.grxml", "universals_login.grxml"
REJECTING = {
    "license number": ("license_number.grxml?length=6", UNIVERSALS, AT_LOGIN),
    "PIN": ("pin.grxml?length=4", UNIVERSALS, AT_LOGIN),
    "menu": ("menu.grxml", UNIVERSALS),
    "yes or no": ("yesno.grxml", UNIVERSALS),
}
"""The questions of a call, by what they ask for."""

DIGITS_ASKED = {"license number": 6, "PIN": 4}
WORDS = "words"
"""Yes, no and stop among the menu's words: all that can be said anywhere, at once."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a recording: a string of so many digits, or whatever ``name`` asks for."""

    name: str
    digits: int = 0

    @property
    def uris(self) -> tuple[str, ...]:
        """Our grammars for it."""
        if self.name in REJECTING:
            return REJECTING[self.name]
        if self.name == WORDS:
            return ("yesno.grxml", "menu.grxml", UNIVERSALS, "stop.grxml")
        return (f"digits.grxml?length={self.digits}", UNIVERSALS)


def string_of(digits: int) -> Question:
    """A string whose length is known."""
    return Question(f"{digits} digits", digits)


def asking(name: str) -> Question:
    """One of a call's questions, or :data:`WORDS`."""
    return Question(name, DIGITS_ASKED.get(name, 0))


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer ("" for none), when it was decided, and what a call would do.

    ``decision`` is the dialog's ("" if there is no dialog): ``accept`` uses the value without
    asking, ``event`` is a command.
    """

    value: str
    decided_ms: int
    confidence: float = 1.0
    grammar: str = ""
    decision: str = ""


class Listener(Protocol):
    """One way to recognize, made once in a process."""

    name: str

    def prepare(self) -> None:
        """Load what listening needs."""

    def hear(self, audio: Audio, question: Question) -> Heard | None:
        """Listen to a recording; None where this way has no such question."""
