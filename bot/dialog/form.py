"""Defines a form: the questions of one part of a call, and their possible results.

VoiceXML 2.1, section 2.1; bot.dialog.interpreter asks the questions.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from bot.dialog.evidence import AnswerEvidence
from bot.dialog.state import DialogState
from bot.types import CallOutcome, Interpretation, Mode, Prompt, Step, Value

R = TypeVar("R")
S = TypeVar("S", bound=DialogState)
Dialog = Generator[Step, Any, R]


class Discretion:
    """Tells what must not be spoken or counted, since it may be a secret given at the wrong
    question.

    This one is for applications without secrets; others override it.
    """

    def may_be_aloud(self, heard: Interpretation) -> bool:
        """Return True if this entry, or a part of it, may be read back."""
        return True

    def may_be_secret(self, digits: str) -> bool:
        """Return True if these digits, heard instead of a longer number, may be a secret."""
        return False

    def may_end_secret(self, digits: str) -> bool:
        """Return True if these last digits of an entry that was too long may end a secret."""
        return False


OPEN = Discretion()


@dataclass(frozen=True, slots=True)
class Field:
    """One question. Prompts are ``name.ask``, ``name.noinput``, ``name.nomatch``, ``name.help``.

    It has many attributes because each says how one question differs from others.
    """

    name: str
    grammar: str
    secret: bool = False
    """True if nothing of the entry may be kept anywhere."""
    read_back: bool = False
    """True to read an uncertain answer back for confirmation (``name.confirm``)."""
    in_parts: bool = False
    """True to keep half an answer, and ask only for the rest."""
    length: int | None = None
    """Length of a digit string, for which all attempts are combined; None for anything else."""
    spelled: str = ""
    """A grammar parameter that the grammar for a part of the answer needs, too."""
    ask: str | None = None
    """The prompt that asks, if it is not ``name.ask``."""
    tries: AnswerEvidence | None = field(default=None, repr=False)
    """Prior knowledge of the answer, to which the evidence is added."""
    likely: float | None = None
    """Prior probability of "yes" at a question where a wrong yes accepts a number."""
    discretion: Discretion = OPEN
    """Decides what in an entry must not be spoken or counted."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """Values for the slots of its prompts."""
    told: tuple[Prompt, ...] = ()
    """The previous announcement, which "repeat" plays again."""
    too_long: str | None = None
    """The prompt played first if an answer has too many digits."""
    corrected_by: tuple[str, ...] = ()
    """Grammars for answers to a read-back other than "no": "no, it's four two one …"."""
    links: tuple[str, ...] = ()
    """Grammars of additional commands that lead to another form (VoiceXML 2.1, section 2.5); their
    names begin with "universals_".
    """


@dataclass(frozen=True, slots=True)
class Filled:
    """A question was answered."""

    value: str = field(repr=False)
    mode: Mode
    confidence: float


@dataclass(frozen=True, slots=True)
class Left:
    """A question ended without an answer.

    ``gave-up``: too many entries were not understood. ``silent``: the caller says nothing.
    ``too-many``: its keys came in one go with those of the previous question, and are not an answer
    here. ``command``: the caller gave the application's own command ``command``. ``answers`` are
    those to the earlier questions of its form.
    """

    why: Literal[
        "hangup",
        "representative",
        "startover",
        "goodbye",
        "gave-up",
        "silent",
        "too-many",
        "command",
    ]
    answers: Mapping[str, Filled] = field(default_factory=dict, repr=False, kw_only=True)
    field: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The backend failed twice."""


@dataclass(frozen=True, slots=True)
class Goto:
    """Continue with another form."""

    form: str


@dataclass(frozen=True, slots=True)
class Form(Generic[S]):
    """A group of fields; ``filled`` decides how to continue with the answers, ``left`` without
    them.

    ``S`` is the application's state of its call.
    """

    fields: Callable[[S], tuple[Field, ...]]
    filled: Callable[[S, Mapping[str, Filled]], Dialog[Goto | CallOutcome]]
    left: Callable[[S, Left], Dialog[Goto | CallOutcome]]
