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
    """Says what must not be spoken or counted, as it may be a secret given at the wrong question.

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
    """Nothing of the entry is kept anywhere."""
    read_back: bool = False
    """An unsure answer is read back for confirmation (``name.confirm``)."""
    in_parts: bool = False
    """Half an answer is kept, and only the rest is asked for."""
    length: int | None = None
    """Digits in a digit string, of which all attempts are combined; None for anything else."""
    spelled: str = ""
    """A parameter of the grammar that the grammar of a part needs, too."""
    ask: str | None = None
    """The prompt that asks, where it is not ``name.ask``."""
    tries: AnswerEvidence | None = field(default=None, repr=False)
    """What is known of the answer already; what is heard is added to it."""
    likely: float | None = None
    """The prior of yes, where a wrong yes lets a number pass."""
    discretion: Discretion = OPEN
    """What of an entry must not be spoken or counted."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """For the slots of its prompts."""
    told: tuple[Prompt, ...] = ()
    """What was said last, which who asks to hear it again means."""
    too_long: str | None = None
    """The prompt that is said first where an answer has too many digits."""
    corrected_by: tuple[str, ...] = ()
    """Grammars of what may be said instead of "no" to a read-back: "no, it's four two one …"."""
    links: tuple[str, ...] = ()
    """Grammars of further commands, which lead to another form (VoiceXML 2.1, section 2.5); their
    names begin with "universals_"."""


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
    ``command``: the caller said a command of the application's own, which ``command`` names.
    ``answers`` are those to the questions before it in its form.
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
