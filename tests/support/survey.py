"""A second application: a survey on the same dialog, turn, and call, without a word of ELMS."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.calls.call import Begun, Call, Parts
from bot.calls.trace import Trace
from bot.clock import utc_now
from bot.dialog.form import Dialog, Field, Filled, Form, Goto, Left
from bot.dialog.interpreter import YES_NO, interpret
from bot.dialog.state import DialogState, properties_of
from bot.hearing.vocabulary import Vocabulary
from bot.hearing.workers import InlineWorkers
from bot.interfaces import Line
from bot.lines.simulated import SimulatedLine
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.prompts.prompts import Prompts
from bot.records import CallRecord
from bot.settings import Settings
from bot.types import CallOutcome, Play, Prompt
from tests.support.fakes import (
    RATE,
    FakeDetector,
    FakeRecognizer,
    FakeSynthesizer,
    FakeTimer,
    alone,
)
from tests.support.grammars import project_grammars
from tests.support.paths import DATA


@dataclass(slots=True, kw_only=True)
class Survey(DialogState):
    """What one call of the survey knows: its answers."""

    answers: tuple[str, ...] = ()


def survey_call(survey: Survey) -> Dialog[CallOutcome]:
    """The whole call flow."""
    yield Play((Prompt("survey.welcome"),))
    return (yield from interpret({"survey": Form(_fields, _filled, _left)}, "survey", survey))


def _fields(_: Survey) -> tuple[Field, ...]:
    minutes = Field("minutes", "digits.grxml?length=2", read_back=True, length=2)
    return (Field("helped", YES_NO), minutes)


def _filled(survey: Survey, answers: Mapping[str, Filled]) -> Dialog[Goto | CallOutcome]:
    survey.answers = tuple(answer.value for answer in answers.values())
    yield Play((Prompt("survey.thanks", values={"minutes": answers["minutes"].value}),))
    return CallOutcome("completed", "survey answered")


def _left(_: Survey, left: Left) -> Dialog[Goto | CallOutcome]:
    yield from ()
    return CallOutcome("gave-up" if left.why == "gave-up" else "hangup", left.field)


# -- one call ----------------------------------------------------------------------------------


class NoBackend:
    """A survey asks nothing of anybody."""

    async def ask(self, request: object, call_id: str, caller_number: str | None) -> object:
        raise AssertionError("the survey has no backend")

    async def store_call(self, record: CallRecord) -> None:
        raise AssertionError("the survey has no backend")


@dataclass
class Surveyed:
    """An ended call."""

    record: CallRecord
    answers: tuple[str, ...]
    said: str


def survey(
    actions: Sequence[CallerAction],
    alternatives: Sequence[tuple[str, str, float]] = (),
    line: Line | None = None,
) -> Surveyed:
    """Play a whole call in audio time, or as the line brings it."""
    ensemble, voice = alone(FakeRecognizer(alternatives)), FakeSynthesizer()
    parts = Parts(
        prompts=Prompts.load(DATA / "survey"),
        vocabulary=Vocabulary(project_grammars(), ensemble.first),
        ensemble=ensemble,
        detector=FakeDetector(),
        synthesizer=voice,
        workers=InlineWorkers(),
        backend=NoBackend(),
        timer=FakeTimer(),
    )
    rules = Settings()
    state = Survey(
        properties=properties_of(rules),
        slow=rules.slow,
        costs=rules.costs,
        attempts=rules.attempts,
        is_open=True,
    )
    caller = line or SimulatedLine(SimulatedCaller(list(actions), RATE), RATE)
    begun = Begun("call-1", "2022-06-14T15:00:00+00:00", lambda: state.is_open, utc_now)
    kept: list[CallRecord] = []

    async def keep(record: CallRecord) -> None:
        kept.append(record)

    asyncio.run(Call(parts, caller, begun, Trace()).run(lambda: survey_call(state), keep))
    return Surveyed(kept[0], state.answers, voice.text)
