"""Asks one question without a call: results are sent into it, and what it does is collected."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.dialog.form import Field, Filled, Left
from bot.dialog.interpreter import ask
from bot.dialog.state import DialogState
from bot.settings import Attempts, Costs, SlowPace
from bot.types import (
    Collect,
    HungUp,
    Interpretation,
    Match,
    Mode,
    NoMatch,
    Note,
    Now,
    Prompt,
    Properties,
    Result,
    Speak,
)
from tests.support.dialog_driver import MOST_COLLECTS, OPEN

NUMBER = Field("number", "number.grxml", read_back=True, in_parts=True, length=6)
"""A number of six digits of which a part is kept."""
CHOICE = Field("choice", "choice.grxml")
SECRET = Field("secret", "secret.grxml", secret=True, length=4)


class Office(DialogState):
    """Representatives answer until five in the afternoon, UTC."""

    def at(self, now: datetime) -> None:
        self.is_open = now.hour < 17

    def unreachable(self) -> tuple[Prompt, ...]:
        return (Prompt("office.shut"),)


@dataclass
class Asked:
    """What became of a question, and what it asked of the world."""

    ended: Filled | Left
    collects: list[Collect] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    rates: list[int] = field(default_factory=list)
    asked_the_time: int = 0

    @property
    def value(self) -> str | None:
        """The answer, None where there is none."""
        return self.ended.value if isinstance(self.ended, Filled) else None

    @property
    def why(self) -> str | None:
        """Why it was left, None where it was answered."""
        return self.ended.why if isinstance(self.ended, Left) else None

    @property
    def fields(self) -> list[str]:
        """The field of each collect: a question may lead to others."""
        return [one.field for one in self.collects]

    @property
    def decided(self) -> list[str]:
        """What was made of each result."""
        return [note.decision for note in self.notes]

    def said(self) -> list[tuple[tuple[str, int], ...]]:
        """The prompts of each collect: keys and counts."""
        return [tuple((p.key, p.count) for p in one.prompts) for one in self.collects]


def state_of(
    *,
    attempts: Attempts | None = None,
    costs: Costs | None = None,
    is_open: bool = True,
    properties: Properties | None = None,
    patience_ms: int = 0,
) -> Office:
    """A call that begins, by default under default settings."""
    return Office(
        properties=properties or Properties(),
        slow=SlowPace(),
        costs=costs or Costs(),
        attempts=attempts or Attempts(),
        is_open=is_open,
        patience_ms=patience_ms,
    )


def asked(
    question: Field, *results: Result, state: DialogState | None = None, now: datetime = OPEN
) -> Asked:
    """Ask it; when the results end, the caller hangs up."""
    found = Asked(Left("hangup", question.name))
    coming = iter(results)
    dialog = ask(question, state or state_of())
    sent: object = None
    while True:
        try:
            step = dialog.send(sent)
        except StopIteration as end:
            found.ended = end.value
            return found
        sent = None
        if isinstance(step, Collect):
            found.collects.append(step)
            assert len(found.collects) <= MOST_COLLECTS, "the question does not end"
            sent = next(coming, HungUp())
        elif isinstance(step, Note):
            found.notes.append(step)
        elif isinstance(step, Speak):
            found.rates.append(step.rate_percent)
        elif isinstance(step, Now):
            found.asked_the_time += 1
            sent = now


def said(*values: tuple[str, float], mode: Mode = "voice", grammar: str = "own") -> Match:
    """What was understood, and how sure each is."""
    return Match(tuple(Interpretation("", value, at, mode, grammar) for value, at in values))


def part(
    *values: tuple[str, float], mode: Mode = "voice", grammar: str = "own", too_long: bool = False
) -> NoMatch:
    """What of a longer entry was understood."""
    found = tuple(Interpretation("", value, at, mode, grammar) for value, at in values)
    return NoMatch(mode, found, too_long=too_long)


def command(name: str, sure: float = 0.99, mode: Mode = "voice") -> Match:
    """A universal command."""
    return said((name, sure), mode=mode, grammar="universals")


STAR = command("repeat", 1.0, "dtmf")
