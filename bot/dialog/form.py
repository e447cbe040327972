"""What a form is: the questions of one part of a call, and what can become of them.

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
    """What a question does with an entry that may hold a secret, given where it was not asked for.

    This is the one of an application without secrets; others override it.
    """

    def may_be_aloud(self, heard: Interpretation) -> bool:
        """Whether an entry, or what was heard of it, may be read back."""
        return True

    def may_be_secret(self, digits: str) -> bool:
        """Whether the digits that were heard of a longer number may be a secret, and no part."""
        return False

    def may_end_secret(self, digits: str) -> bool:
        """Whether the last digits of an entry that was too long may be the end of a secret."""
        return False


OPEN = Discretion()


@dataclass(frozen=True, slots=True)
class Field:
    """One question. Prompts are ``name.ask``, ``name.noinput``, ``name.nomatch``, ``name.help``.

    It has many attributes because each says how one question differs from others.

    ``length`` is that of a digit string: what several tries heard of it is then put together.
    ``spelled`` is a parameter of its grammar that the grammar of a part has, too. ``tries`` is what
    is known of the answer, to which what is heard is added.
    ``likely`` is how likely yes is before anything is heard, where a wrong yes lets a number pass.
    ``read_back`` says that an unsure answer is spoken for confirmation (``name.confirm``), and
    ``in_parts`` that half of it is kept and only the rest is asked for: both within ``discretion``.
    ``told`` is what was said last, which who asks to hear it again means; ``too_long`` is the key
    of what is said first where an answer has too many digits.
    """

    name: str
    grammar: str
    secret: bool = False
    read_back: bool = False
    in_parts: bool = False
    length: int | None = None
    spelled: str = ""
    ask: str | None = None
    tries: AnswerEvidence | None = field(default=None, repr=False)
    likely: float | None = None
    discretion: Discretion = OPEN
    values: Mapping[str, Value] = field(default_factory=dict)
    told: tuple[Prompt, ...] = ()
    too_long: str | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """A question was answered."""

    value: str = field(repr=False)
    mode: Mode
    confidence: float


@dataclass(frozen=True, slots=True)
class Left:
    """A question ended without an answer.

    ``gave-up`` is what was said and not understood so often, ``silent`` a caller who says nothing.
    ``too-many``: its keys came in one go with those of the question before, and are no answer here.
    """

    why: Literal[
        "hangup", "representative", "startover", "goodbye", "gave-up", "silent", "too-many"
    ]
    field: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The backend failed twice."""


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on with another form."""

    form: str


@dataclass(frozen=True, slots=True)
class Form(Generic[S]):
    """A group of fields; ``filled`` says where to go on with the answers, ``left`` without.

    ``S`` is what the application knows of its call.
    """

    fields: Callable[[S], tuple[Field, ...]]
    filled: Callable[[S, Mapping[str, Filled]], Dialog[Goto | CallOutcome]]
    left: Callable[[S, Left], Dialog[Goto | CallOutcome]]
