"""The form interpretation algorithm: how a question is asked until it is answered or given up.

A dialog is a generator: it yields Steps, is sent what they bring (a Result, a backend answer),
and returns. It has no clock, loop or thread, so a whole call is tested by sending values into it.

Retries, tapered prompts, help, repetition, confirmation, completing what was half heard, and
giving up are written here once, for every question. VoiceXML 2.1, section 2.1.6 and appendix C.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from bot.errors import BackendError
from bot.session import Session
from bot.types import (
    CallOutcome,
    Collect,
    Decision,
    HungUp,
    Interpretation,
    Match,
    Mode,
    NoInput,
    NoMatch,
    Note,
    Play,
    Prompt,
    Request,
    Result,
    Speak,
    Step,
    Submit,
    Value,
)

R = TypeVar("R")
Dialog = Generator[Step, Any, R]

UNIVERSALS = "universals.grxml"
YES_NO = "yesno.grxml"
PIN_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Field:
    """One question. Prompts are ``name.ask``, ``name.noinput``, ``name.nomatch``, ``name.help``.

    ``length`` is that of a digit string, which can then be completed when half of it was heard.
    ``read_back`` says that an unsure answer is spoken for confirmation (``name.confirm``).
    """

    name: str
    grammar: str
    secret: bool = False
    read_back: bool = False
    length: int | None = None
    ask: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filled:
    """A question was answered."""

    value: str = field(repr=False)
    mode: Mode
    confidence: float


@dataclass(frozen=True, slots=True)
class Left:
    """A question ended without an answer."""

    why: Literal["hangup", "representative", "startover", "gave-up"]
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


def interpret(forms: Mapping[str, Form], first: str, session: Session) -> Dialog[CallOutcome]:
    """Walk the forms: select the next field, collect it, process; until one returns an outcome."""
    name = first
    while True:
        form = forms[name]
        answers = yield from fill(form.fields(session), session)
        if isinstance(answers, Left):
            result = yield from form.left(session, answers)
        else:
            result = yield from form.filled(session, answers)
        if not isinstance(result, Goto):
            return result
        name = result.form


def fill(fields: tuple[Field, ...], session: Session) -> Dialog[dict[str, Filled] | Left]:
    """Ask each field in turn."""
    answers: dict[str, Filled] = {}
    for question in fields:
        answer = yield from ask(question, session)
        if isinstance(answer, Left):
            return answer
        answers[question.name] = answer
    return answers


def ask(question: Field, session: Session) -> Dialog[Filled | Left]:
    """Ask one question until it is answered, left or given up."""
    return (yield from _Asking(question, session).run())


def submit(request: Request, session: Session) -> Dialog[Any]:
    """Ask the backend, apologise and try once more; Unavailable after the second fault."""
    try:
        return (yield Submit(request))
    except BackendError:
        yield Play((Prompt("backend.retry"),))
    try:
        return (yield Submit(request))
    except BackendError:
        session.failed_field = "backend"
        return Unavailable()


class _Asking:
    """The state of one question: how often it was missed, and what was ruled out."""

    def __init__(self, question: Field, session: Session) -> None:
        self.question = question
        self.session = session
        self.attempt = 0
        self.misses = 0
        self.silences = 0
        self.events = 0
        self.rejected: set[str] = set()

    def run(self) -> Dialog[Filled | Left]:
        prompts: tuple[Prompt, ...] = (self._ask_prompt(),)
        while True:
            result = yield from self._collect(prompts)
            answer = yield from self._process(result)
            if not isinstance(answer, tuple):
                return answer
            prompts = answer

    # Each of the following returns the answer, or the prompts to ask again with.

    def _process(self, result: Result) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        if isinstance(result, HungUp):
            return Left("hangup", self.question.name)
        if isinstance(result, NoInput):
            return (yield from self._noinput())
        if isinstance(result, NoMatch):
            return (yield from self._nomatch(result))
        if result.best.grammar == "universals":
            return (yield from self._event(result.best.value))
        return (yield from self._match(result))

    def _match(self, result: Match) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        remaining = tuple(i for i in result.nbest if i.value not in self.rejected)
        if not remaining:
            return (yield from self._nomatch(NoMatch()))
        best = remaining[0]
        decision = self._decide(best)
        yield Note(decision)
        if decision == "accept":
            return Filled(best.value, best.mode, best.confidence)
        if decision == "confirm":
            return (yield from self._confirm(best))
        return (yield from self._missed())

    def _decide(self, best: Interpretation) -> Decision:
        point = self.session.confidence
        if best.mode == "dtmf":
            return "accept"
        if self.question.secret:
            return "accept" if best.confidence >= point.secret_accept else "keypad"
        if not self.question.read_back:
            return "accept" if best.confidence >= point.confirm else "retry"
        if best.confidence >= point.accept:
            return "accept"
        return "confirm" if best.confidence >= point.confirm else "retry"

    def _confirm(self, best: Interpretation) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        confirmed = yield from self._yes_or_no(f"{self.question.name}.confirm", best.value)
        if isinstance(confirmed, Left):
            return confirmed
        if confirmed:
            return Filled(best.value, best.mode, 1.0)
        self.rejected.add(best.value)
        return (yield from self._missed())

    def _nomatch(self, result: NoMatch) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        yield Note("retry")
        for heard in result.partial[:1]:
            if self._may_complete(heard.value):
                return (yield from self._complete(heard))
        return (yield from self._missed())

    def _may_complete(self, heard: str) -> bool:
        """Half of a number may be read back, unless it may be a PIN in the wrong place (S14)."""
        length = self.question.length
        return (
            length is not None
            and not self.question.secret
            and length / 2 <= len(heard) < length
            and len(heard) != PIN_LENGTH
        )

    def _complete(self, heard: Interpretation) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        """Keep the digits that were heard, if the caller says so, and ask for the others."""
        known = yield from self._yes_or_no(f"{self.question.name}.partial", heard.value)
        if isinstance(known, Left):
            return known
        if not known:
            return (yield from self._missed())
        missing = (self.question.length or 0) - len(heard.value)
        rest = Field(
            name=f"{self.question.name}_rest",
            grammar=f"digits.grxml?length={missing}",
            read_back=True,
            values={"missing": missing},
        )
        answer = yield from ask(rest, self.session)
        if isinstance(answer, Left):
            return answer
        mode: Mode = answer.mode if answer.mode == heard.mode else "mixed"
        return replace(answer, value=heard.value + answer.value, mode=mode)

    def _yes_or_no(self, key: str, number: str) -> Dialog[bool | Left]:
        answer = yield from ask(
            Field(name="yesno", grammar=YES_NO, ask=key, values={"number": number}), self.session
        )
        return answer if isinstance(answer, Left) else answer.value == "yes"

    def _missed(self) -> Dialog[Left | tuple[Prompt, ...]]:
        self.misses += 1
        if self.misses >= self.session.attempts.field:
            return (yield from self._give_up())
        return (self._prompt("nomatch", self.misses),)

    def _noinput(self) -> Dialog[Left | tuple[Prompt, ...]]:
        self.silences += 1
        waited_ms = self.silences * self.session.properties.timeout_ms
        if self.silences >= self.session.attempts.field and waited_ms >= self.session.patience_ms:
            return (yield from self._give_up())
        yield Note("retry")
        return (self._prompt("noinput", self.silences),)

    def _give_up(self) -> Dialog[Left]:
        yield Note("give-up")
        self.session.failed_field = self.question.name
        return Left("gave-up", self.question.name)

    def _event(self, event: str) -> Dialog[Left | tuple[Prompt, ...]]:
        """Universals work in every state and cost no attempt, but not for ever."""
        yield Note("event")
        self.silences = 0
        self.events += 1
        if self.events > self.session.attempts.events:
            return (yield from self._give_up())
        if event == "startover":
            return Left("startover", self.question.name)
        if event == "representative" and self.session.is_open:
            return Left("representative", self.question.name)
        return (yield from self._replay(event))

    def _replay(self, event: str) -> Dialog[tuple[Prompt, ...]]:
        """Events after which the question is asked again."""
        if event == "help":
            return (self._prompt("help", 1),)
        if event == "representative":
            return (Prompt("office.closed"), Prompt("office.instead"), self._ask_prompt())
        if event == "slower":
            yield Speak(self.session.slow_down())
            return (Prompt("universals.slower"), self._ask_prompt())
        if event == "tty":
            yield Speak(self.session.wait_long())
            return (Prompt("universals.tty"), self._ask_prompt())
        if event == "faster":
            yield Speak(self.session.normal_pace())
        return (self._ask_prompt(),)

    def _collect(self, prompts: tuple[Prompt, ...]) -> Dialog[Result]:
        self.attempt += 1
        if not self.session.take_turn():
            return NoMatch()
        result: Result = yield Collect(
            field=self.question.name,
            attempt=self.attempt,
            prompts=prompts,
            grammars=(self.question.grammar, UNIVERSALS),
            properties=self.session.properties,
            secret=self.question.secret,
        )
        return result

    def _ask_prompt(self) -> Prompt:
        key = self.question.ask or f"{self.question.name}.ask"
        return Prompt(key, self.attempt + 1, self.question.values)

    def _prompt(self, event: str, count: int) -> Prompt:
        return Prompt(f"{self.question.name}.{event}", count, self.question.values)
