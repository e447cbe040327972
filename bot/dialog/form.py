"""What a form is: the questions of one part of a call, and what can become of them.

VoiceXML 2.1, section 2.1; bot.dialog.interpreter asks the questions.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from bot.dialog.evidence import AnswerEvidence
from bot.dialog.session import Session
from bot.types import CallOutcome, Mode, Step, Value

R = TypeVar("R")
Dialog = Generator[Step, Any, R]


@dataclass(frozen=True, slots=True)
class Field:
    """One question. Prompts are ``name.ask``, ``name.noinput``, ``name.nomatch``, ``name.help``.

    ``length`` is that of a digit string: what several tries heard of it is then put together.
    ``spelled`` is a parameter of its grammar that the grammar of a part has, too.
    ``ruled_out`` are answers that were wrong before: hearing one again says nothing. ``tries`` are
    those of the same question earlier in the call, to which its answers are added.
    ``likely`` is how likely yes is before anything is heard, where a wrong yes lets a number pass.
    ``read_back`` says that an unsure answer is spoken for confirmation (``name.confirm``), and
    ``in_parts`` that half of it is kept and only the rest is asked for. Neither is done with what
    was keyed, even in part (decision 46).
    """

    name: str
    grammar: str
    secret: bool = False
    read_back: bool = False
    in_parts: bool = False
    length: int | None = None
    spelled: str = ""
    ask: str | None = None
    ruled_out: frozenset[str] = field(default=frozenset(), repr=False)
    tries: AnswerEvidence | None = field(default=None, repr=False)
    likely: float | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """A question was answered."""

    value: str = field(repr=False)
    mode: Mode
    confidence: float


@dataclass(frozen=True, slots=True)
class Left:
    """A question ended without an answer.

    ``too-many``: its keys came in one go with those of the question before, and are no answer here.
    """

    why: Literal["hangup", "representative", "startover", "gave-up", "too-many"]
    field: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The backend failed twice."""


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on with another form."""

    form: str


@dataclass(frozen=True, slots=True)
class Form:
    """A group of fields; ``filled`` says where to go on with the answers, ``left`` without."""

    fields: Callable[[Session], tuple[Field, ...]]
    filled: Callable[[Session, Mapping[str, Filled]], Dialog[Goto | CallOutcome]]
    left: Callable[[Session, Left], Dialog[Goto | CallOutcome]]
