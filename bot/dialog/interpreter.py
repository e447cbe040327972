"""The form interpretation algorithm: asks a question until it is answered or given up.

A dialog is a generator: it yields Steps, is sent their results (a Result, a backend response), and
returns. It has no clock, loop, or thread, so a whole call is tested by sending values into it.

Retries, tapered prompts, help, repetition, confirmation, completing partial answers, and giving up
are written here once, for every question. VoiceXML 2.1, section 2.1.6 and appendix C.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.dialog.commands import PACES, REPLAYED, STARS, is_star
from bot.dialog.decision import Stake, choose, ways
from bot.dialog.evidence import GAP, Heard, fits, knowing
from bot.dialog.form import (
    Dialog,
    Discretion,
    Field,
    Filled,
    Form,
    Goto,
    Left,
    S,
    Unavailable,
)
from bot.dialog.state import DialogState
from bot.errors import BackendError
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
    Now,
    Play,
    Prompt,
    Result,
    Speak,
    Submit,
    is_command,
)

UNIVERSALS = "universals.grxml"
YES_NO = "yesno.grxml"


def interpret(forms: Mapping[str, Form[S]], first: str, state: S) -> Dialog[CallOutcome]:
    """Walk the forms (select the next field, collect it, process it) until one returns an
    outcome.
    """
    name = first
    while True:
        form = forms[name]
        answers = yield from fill(form.fields(state), state)
        if isinstance(answers, Left):
            result = yield from form.left(state, answers)
        else:
            result = yield from form.filled(state, answers)
        if not isinstance(result, Goto):
            return result
        name = result.form


def fill(fields: tuple[Field, ...], state: DialogState) -> Dialog[dict[str, Filled] | Left]:
    """Ask each field in turn."""
    answers: dict[str, Filled] = {}
    for question in fields:
        answer = yield from ask(question, state)
        if isinstance(answer, Left):
            return replace(answer, answers=answers)
        answers[question.name] = answer
    return answers


def ask(question: Field, state: DialogState) -> Dialog[Filled | Left]:
    """Ask one question until it is answered, left, or given up."""
    return (yield from _Asking(question, state).run())


def submit(request: object, state: DialogState) -> Dialog[Any]:
    """Ask the backend; on a fault, apologize and try once more. Unavailable after the second
    fault.
    """
    try:
        return (yield Submit(request))
    except BackendError:
        yield Play((Prompt("backend.retry"),))
    try:
        return (yield Submit(request))
    except BackendError:
        state.failed_field = "backend"
        return Unavailable()


class _Asking:
    """The state of one question: its misses, and the evidence from all attempts."""

    def __init__(self, question: Field, state: DialogState) -> None:
        self.question = question
        self.state = state
        self.attempt = 0
        self.misses = 0
        self.silences = 0
        self.events = 0
        self.helps = 0
        self.stars = 0
        self.last: str | None = None
        known = question.tries
        self.tries = state.evidence(question.length) if known is None else known

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
        self.stars = self.stars + 1 if is_star(result) else 0
        if isinstance(result, HungUp):
            return Left("hangup", self.question.name)
        if isinstance(result, NoInput):
            return (yield from self._noinput())
        if isinstance(result, NoMatch):
            return (yield from self._nomatch(result))
        if self.stars:
            return (yield from self._event(STARS[(self.stars - 1) % len(STARS)]))
        if is_command(result.best.grammar):
            return (yield from self._command(result.best))
        return (yield from self._match(result))

    def _command(self, heard: Interpretation) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        """Handle a universal command if it is confident enough; otherwise as not understood."""
        open_ways = ways(self.state.costs, "choice", self.misses)
        if heard.mode == "voice" and choose(open_ways, heard.confidence) == "reject":
            return (yield from self._nomatch(NoMatch()))
        return (yield from self._event(heard.value))

    def _match(self, result: Match) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        if result.best.mode == "dtmf":
            yield Note("accept")
            return Filled(result.best.value, "dtmf", result.best.confidence)
        self.last = result.best.value
        heard, likely = _own(result.nbest), self.question.likely
        if likely is not None:
            beforehand = {"yes": likely, "no": 1.0 - likely}
            heard = knowing(heard, beforehand, self.state.parameters)
        self.tries.add(heard)
        return (yield from self._weigh())

    def _nomatch(self, result: NoMatch) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        if result.typed_on:
            yield Note("retry")
            return Left("too-many", self.question.name)
        self.last = None
        self.tries.add(self._rests(result.partial))
        part = next((one for one in _own(result.partial[:1]) if self._may_complete(one)), None)
        answer = yield from self._weigh(part)
        if result.too_long and self.question.too_long and isinstance(answer, tuple):
            return (Prompt(self.question.too_long, values=self.question.values), *answer)
        return answer

    def _weigh(
        self, part: Interpretation | None = None
    ) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        """Do whatever costs least given all attempts so far; ``part`` is the fallback."""
        best = next(iter(self.tries.ranked()), None)
        known = self.tries.all_but_one() if self.question.in_parts else None
        if known is not None and not self._may_complete(known):
            known = None
        decision = self._decide(best, known)
        if part is not None and decision in ("retry", "keypad"):
            decision, known = "complete", part
        about = known if decision == "complete" else best
        of_last = about is None or self.last is None or fits(about.value, self.last)
        yield Note(decision, best.confidence if best else None, len(self.tries), of_last)
        if best is not None and decision == "accept":
            return Filled(best.value, best.mode, best.confidence)
        if best is not None and decision == "confirm":
            return (yield from self._confirm(best))
        if known is not None and decision == "complete":
            return (yield from self._complete(known))
        return (yield from self._missed())

    def _decide(self, best: Interpretation | None, known: Interpretation | None) -> Decision:
        otherwise: Decision = "keypad" if self.misses or self.question.secret else "retry"
        if best is None:
            return otherwise
        open_ways = ways(
            self.state.costs,
            self._stake(best.value),
            self.misses,
            self.state.attempts.field,
            aloud=self._discretion.may_be_aloud(best),
        )
        choice = choose(open_ways, best.confidence, known.confidence if known else 0.0)
        return otherwise if choice == "reject" else choice

    def _stake(self, value: str) -> Stake:
        if self.question.secret:
            return "secret"
        if self.question.likely is not None and value == "yes":
            return "passed"
        return "number" if self.question.read_back else "choice"

    def _confirm(self, best: Interpretation) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        own = (self.question.grammar,)
        confirmed = yield from self._yes_or_no("confirm", best.value, best.confidence, own)
        if isinstance(confirmed, Left):
            return confirmed
        if confirmed.value == "yes":
            return Filled(best.value, best.mode, confirmed.confidence)
        self.tries.deny(best.value)
        if confirmed.value == "no":
            return (yield from self._missed())
        return (yield from self._corrected(confirmed))

    def _corrected(self, answer: Filled) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        """Handle another value said instead of "no"."""
        if answer.mode == "dtmf":
            return answer
        self.last = answer.value
        said = Interpretation("", answer.value, answer.confidence, answer.mode, "")
        self.tries.add((said,))
        return (yield from self._weigh())

    def _rests(self, partial: Heard) -> Heard:
        """Add the possible end of an entry that was too long, as weak evidence."""
        length, most = self.question.length, self.state.parameters.most_of_rest
        return tuple(
            replace(one, confidence=min(one.confidence, most))
            for one in _own(partial)
            if length is not None
            and (len(one.value) != length or not self._discretion.may_end_secret(one.value))
        )

    @property
    def _discretion(self) -> Discretion:
        return self.question.discretion

    def _may_complete(self, heard: Interpretation) -> bool:
        """Return True if half of a number may be read back; it may be a secret at the wrong
        question.
        """
        length, part = self.question.length, heard.value
        digits = part.replace(GAP, "")
        if length is None or not self.question.in_parts or self._discretion.may_be_secret(digits):
            return False
        one_gap = part.count(GAP) == 1 and len(part) == length
        fits_half = length / 2 <= len(digits) < length and (one_gap or GAP not in part)
        return fits_half and self._discretion.may_be_aloud(heard)

    def _complete(self, part: Interpretation) -> Dialog[Filled | Left | tuple[Prompt, ...]]:
        """Keep the digits that were heard, if the caller confirms them, and ask for the others."""
        pattern = part.value.ljust(self.question.length or 0, GAP)
        beginning = pattern.rstrip(GAP)
        event = "gap" if GAP in beginning else "partial"
        known = yield from self._yes_or_no(event, beginning, part.confidence)
        if isinstance(known, Left):
            return known
        if known.value == "no":
            self.tries.deny(pattern)
            return (yield from self._missed())
        missing = pattern.count(GAP)
        answer = yield from ask(self._rest(pattern, missing), self.state)
        if isinstance(answer, Left):
            return answer
        mode: Mode = answer.mode if answer.mode == part.mode else "mixed"
        return replace(answer, value=pattern.replace(GAP * missing, answer.value), mode=mode)

    def _rest(self, pattern: str, missing: int) -> Field:
        """Return the question for one missing digit, or for all those missing at the end."""
        name, values = f"{self.question.name}_rest", {"missing": missing}
        before: Heard = ()
        if missing == 1:
            name, values = f"{self.question.name}_digit", {"place": pattern.index(GAP) + 1}
            before = self.tries.missing_in(pattern)
        return Field(
            name,
            grammar=f"digits.grxml?length={missing}{self.question.spelled}",
            read_back=True,
            length=missing,
            tries=self.state.evidence(missing, before),
            discretion=self._discretion,
            values=values,
        )

    def _yes_or_no(
        self, event: str, number: str, likely: float, corrected_by: tuple[str, ...] = ()
    ) -> Dialog[Filled | Left]:
        question = Field(
            "yesno",
            YES_NO,
            ask=f"{self.question.name}.{event}",
            likely=likely,
            values={"number": number},
            corrected_by=corrected_by,
        )
        return (yield from ask(question, self.state))

    def _missed(self) -> Dialog[Left | tuple[Prompt, ...]]:
        self.misses += 1
        if self.misses >= self.state.attempts.field:
            return (yield from self._give_up())
        return (self._prompt("nomatch", self.misses),)

    def _noinput(self) -> Dialog[Left | tuple[Prompt, ...]]:
        self.silences += 1
        waited_ms = self.silences * self.state.properties.timeout_ms
        if self.silences >= self.state.attempts.field and waited_ms >= self.state.patience_ms:
            yield Note("give-up")
            return Left("silent", self.question.name)
        yield Note("retry")
        return (self._prompt("noinput", self.silences),)

    def _give_up(self) -> Dialog[Left]:
        yield Note("give-up")
        self.state.failed_field = self.question.name
        return Left("gave-up", self.question.name)

    def _event(self, event: str) -> Dialog[Left | tuple[Prompt, ...]]:
        """Handle universals, which work in every state and cost no attempt, but have a limit."""
        yield Note("event")
        self.silences = 0
        self.events += 1
        if self.events > self.state.attempts.events:
            return (yield from self._give_up())
        if event == "startover":
            return Left("startover", self.question.name)
        if event == "goodbye":
            return Left("goodbye", self.question.name)
        if event == "representative":
            self.state.at((yield Now()))
            if self.state.is_open:
                return Left("representative", self.question.name)
        if event not in REPLAYED and event not in PACES:
            return Left("command", self.question.name, event)
        return (yield from self._replay(event))

    def _replay(self, event: str) -> Dialog[tuple[Prompt, ...]]:
        """Handle events after which the question is asked again, preceded by its last
        announcement.
        """
        again = (*self.question.told, self._ask_prompt())
        if event == "help":
            self.helps += 1
            return (self._prompt("help", self.helps),)
        if event == "wait":
            return (Prompt("universals.wait"), self._ask_prompt())
        if event == "representative":
            return (*self.state.unreachable(), self._ask_prompt())
        if event in PACES:
            yield Speak(PACES[event](self.state))
            return (Prompt(f"universals.{event}"), *again)
        return again

    def _collect(self, prompts: tuple[Prompt, ...]) -> Dialog[Result]:
        self.attempt += 1
        asked = self.question
        if not self.state.take_turn():
            return NoMatch()
        result: Result = yield Collect(
            field=asked.name,
            attempt=self.attempt,
            prompts=prompts,
            grammars=(asked.grammar, UNIVERSALS, *asked.links, *asked.corrected_by),
            properties=self.state.properties,
            secret=asked.secret,
        )
        return result

    def _ask_prompt(self) -> Prompt:
        key = self.question.ask or f"{self.question.name}.ask"
        return Prompt(key, self.attempt + 1, self.question.values)

    def _prompt(self, event: str, count: int) -> Prompt:
        return Prompt(f"{self.question.name}.{event}", count, self.question.values)


def _own(heard: Heard) -> Heard:
    """Return the interpretations that answer the question itself: "repeat" has six letters, but is
    not a number.
    """
    return tuple(one for one in heard if not is_command(one.grammar))
