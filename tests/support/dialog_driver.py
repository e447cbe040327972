"""Drives a dialog without audio: answers are sent into the generator, steps are collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from bot.dialog.form import Dialog
from bot.elms.callflow import licensure_call
from bot.elms.requests import (
    Account,
    Activity,
    Application,
    BackendAnswer,
    FetchAccount,
    FetchService,
    License,
    NotVerified,
    Request,
    Service,
    Verified,
    Verify,
)
from bot.elms.session import Session
from bot.settings import Settings
from bot.types import (
    CallBack,
    CallOutcome,
    Collect,
    HungUp,
    Interpretation,
    Match,
    Mode,
    Note,
    Now,
    Play,
    Promise,
    Prompt,
    Result,
    Speak,
    Step,
    Submit,
    Transfer,
)

MOST_COLLECTS = 1_000
"""More than any setting allows: a call that asks more often never ends."""

OPEN = datetime(2022, 6, 14, 15, tzinfo=UTC)
"""Ten in the morning at the office, on a Tuesday."""
CLOSED = datetime(2022, 6, 15, 3, tzinfo=UTC)
"""Ten in the evening of the same day."""

LICENSE_NUMBER = "421903"
PIN = "5827"

ACCOUNT = Account(
    application=Application(
        status="IN_REVIEW",
        application_type="renewal",
        queue="renewal",
        reached=True,
        still_needed=(),
        received=date(2022, 6, 6),
    ),
    licenses=(License("A", "five-year standard", date(2027, 6, 30), "valid", True),),
    activities=(Activity(date(2022, 6, 9), "transcript_received", "official transcripts"),),
)


def heard(
    value: str, confidence: float = 1.0, mode: Mode = "dtmf", grammar: str = "field"
) -> Match:
    """A result as a turn gives it."""
    return Match((Interpretation("", value, confidence, mode, grammar),))


def event(name: str) -> Match:
    """A universal command."""
    return heard(name, grammar="universals", mode="voice")


def backend(request: Request) -> BackendAnswer:
    """An ELMS that knows one educator."""
    if isinstance(request, FetchService):
        return Service(())
    if isinstance(request, Verify):
        right = (request.license_number, request.pin) == (LICENSE_NUMBER, PIN)
        return Verified("token") if right else NotVerified()
    assert isinstance(request, FetchAccount)
    return ACCOUNT


def alternatives(**shares: float) -> Match:
    """What a recognizer heard: values (behind an underscore) and their probabilities."""
    return Match(
        tuple(
            Interpretation("", value.lstrip("_"), share, "voice", "field")
            for value, share in shares.items()
        )
    )


@dataclass
class Played:
    """What a call asked of the world."""

    outcome: CallOutcome
    prompts: list[Prompt] = field(default_factory=list)
    collects: list[Collect] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    promises: list[CallBack] = field(default_factory=list)
    speaks: list[Speak] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def said(self) -> list[str]:
        """The prompt keys in the order in which they were said."""
        return [prompt.key for prompt in self.prompts]


def numbers_spoken(call: Played) -> list[str]:
    """Every number that was read back, with its blanks."""
    return [str(prompt.values["number"]) for prompt in call.prompts if "number" in prompt.values]


def session(is_open: bool = True, settings: Settings | None = None) -> Session:
    """A fresh session under default settings."""
    return Session.begin(settings or Settings(), is_open, date(2022, 6, 14))


def play(
    answers: Iterator[Result] | Callable[[Collect], Result] | list[Result],
    is_open: bool = True,
    ask_backend: Callable[[Request], BackendAnswer] = backend,
    begin: Session | None = None,
    call: Callable[[Session], Dialog[CallOutcome]] = licensure_call,
    now: Callable[[], datetime] | None = None,
) -> Played:
    """Run a whole call; when the list of answers ends, the caller hangs up.

    ``now`` tells the time where it is asked for, if that does not stay as it was at the beginning.
    """
    script = answers if callable(answers) else _from(iter(answers))
    state = begin or session(is_open)
    at = OPEN if state.is_open else CLOSED
    clock = now or (lambda: at)
    dialog = call(state)
    played = Played(CallOutcome("failed", "never ended"))
    sent: object = None
    fault: Exception | None = None
    while True:
        try:
            step = dialog.throw(fault) if fault else dialog.send(sent)
        except StopIteration as end:
            played.outcome = end.value
            return played
        sent, fault = None, None
        _keep(played, step)
        if isinstance(step, Collect):
            assert len(played.collects) <= MOST_COLLECTS, "the call does not end"
            sent = script(step)
        elif isinstance(step, Now):
            sent = clock()
        elif isinstance(step, Submit):
            try:
                sent = ask_backend(step.request)
            except Exception as raised:
                fault = raised


def _from(answers: Iterator[Result]) -> Callable[[Collect], Result]:
    return lambda _: next(answers, HungUp())


def _keep(played: Played, step: Step) -> None:
    if isinstance(step, Play):
        played.prompts.extend(step.prompts)
    elif isinstance(step, Collect):
        played.prompts.extend(step.prompts)
        played.collects.append(step)
    elif isinstance(step, Submit):
        played.requests.append(step.request)
    elif isinstance(step, Transfer):
        played.transfers.append(step)
    elif isinstance(step, Promise):
        played.promises.append(step.call_back)
    elif isinstance(step, Speak):
        played.speaks.append(step)
    elif isinstance(step, Note):
        played.notes.append(step)
