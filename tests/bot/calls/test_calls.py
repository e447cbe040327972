"""Whole calls, as scripts in tests/data/calls/, through the real call.py over a recorded line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.calls.call import Begun, Call, Parts
from bot.calls.recorder import CallRecorder
from bot.calls.trace import Trace
from bot.dialog.form import Dialog
from bot.elms.callflow import licensure_call
from bot.elms.session import Session
from bot.errors import BackendError
from bot.hearing.vocabulary import Vocabulary
from bot.hearing.workers import InlineWorkers
from bot.lines.simulated import SimulatedLine
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.prompts.prompts import Prompts
from bot.records import CallRecord
from bot.resources import PROJECT
from bot.settings import Settings
from bot.types import CallOutcome
from tests.support.dialog_driver import ACCOUNT, CLOSED, LICENSE_NUMBER, OPEN, PIN
from tests.support.fake_elms import FakeBackend
from tests.support.fakes import (
    RATE,
    FakeDetector,
    FakeRecognizer,
    FakeSynthesizer,
    FakeTimer,
    alone,
    spoken,
)
from tests.support.grammars import project_grammars
from tests.support.paths import DATA

pytestmark = pytest.mark.call

CALLS = sorted((DATA / "calls").glob("*.yaml"))
PROMPTS = Prompts.load(PROJECT / "prompts")
GRAMMARS = project_grammars()


@dataclass
class Talked:
    """An ended call and what its fakes saw."""

    record: CallRecord
    trace: Trace
    recorder: CallRecorder
    voice: FakeSynthesizer
    backend: FakeBackend
    line: SimulatedLine


@dataclass
class Scene:
    """What a call happens in."""

    actions: list[CallerAction]
    is_open: bool = True
    faults: int = 0
    slow_backend: bool = False
    alternatives: list[tuple[str, str, float]] = field(default_factory=list)
    voice_fails_on: str | None = None
    voice_is_loud: bool = False
    out_of_band_keys: bool = True
    holidays: tuple[date, ...] = ()
    service_asked: Callable[[FakeSynthesizer], None] = lambda voice: None
    settings: Settings = field(default_factory=Settings)
    line: Callable[[SimulatedCaller, int], SimulatedLine] = SimulatedLine


def talk(scene: Scene) -> Talked:
    """Play a whole call in audio time."""
    ensemble = alone(FakeRecognizer(scene.alternatives))
    voice = FakeSynthesizer(scene.voice_fails_on, loud=scene.voice_is_loud)
    backend = FakeBackend(
        {(LICENSE_NUMBER, PIN): ACCOUNT},
        scene.faults,
        holidays=scene.holidays,
        service_asked=lambda: scene.service_asked(voice),
    )
    parts = Parts(
        prompts=PROMPTS,
        vocabulary=Vocabulary(GRAMMARS, ensemble.first),
        ensemble=ensemble,
        detector=FakeDetector(),
        synthesizer=voice,
        workers=InlineWorkers(),
        backend=backend,
        timer=FakeTimer(hurried=scene.slow_backend),
    )
    line = scene.line(SimulatedCaller(scene.actions, RATE), RATE)
    line.out_of_band_keys = scene.out_of_band_keys
    trace, recorder = Trace(), CallRecorder(RATE)
    sessions: list[Session] = []

    def begin() -> Dialog[CallOutcome]:
        sessions.append(Session.begin(scene.settings, scene.is_open, date(2022, 6, 14)))
        return licensure_call(sessions[-1])

    now = OPEN if scene.is_open else CLOSED
    begun = Begun("call-1", OPEN.isoformat(), lambda: sessions[-1].is_open, lambda: now)
    call = Call(parts, line, begun, trace, recorder)
    record = asyncio.run(call.run(begin, backend.store_call))
    return Talked(record, trace, recorder, voice, backend, line)


def action(step: dict[str, Any]) -> CallerAction:
    """One step of a script."""
    return CallerAction(
        after_ms=step.get("after_ms", 400),
        when=step.get("when", "prompt-end"),
        pcm=spoken(step["say"]) if "say" in step else b"",
        keys=str(step.get("keys", "")),
        tones=step.get("tones", False),
        gap_ms=step.get("gap_ms", 90),
        wait_ms=step.get("silence_ms", 0),
        hangup=step.get("hangup", False),
    )


def load(path: Path) -> tuple[Scene, dict[str, Any]]:
    """A script as a scene and what is expected of it."""
    script = yaml.safe_load(path.read_text("utf-8"))
    scene = Scene(
        actions=[action(step) for step in script["caller"]],
        is_open=script.get("open", True),
        faults=script.get("backend_faults", 0),
        slow_backend=script.get("backend_slow", False),
        alternatives=[tuple(one) for one in script.get("alternatives", [])],
        voice_fails_on=script.get("voice_fails_on"),
        out_of_band_keys=script.get("out_of_band_keys", True),
    )
    return scene, script["expect"]


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_the_call_follows_its_script(path: Path) -> None:
    scene, expect = load(path)
    talked = talk(scene)
    record = talked.record
    turns = [[turn.field, turn.result, turn.mode] for turn in record.turns]
    if "turns" in expect:
        assert turns == [[*turn, None][:3] for turn in expect["turns"]]
    assert record.outcome.outcome == expect["outcome"], turns
    assert record.outcome.verified == expect.get("verified", record.outcome.verified)
    for phrase in expect.get("spoken", []):
        assert phrase in talked.voice.text
    for phrase in expect.get("not_spoken", []):
        assert phrase not in talked.voice.text


def test_every_reply_reports_the_callers_wait_as_the_record_has_it() -> None:
    scene, _ = load(DATA / "calls" / "spoken.yaml")
    talked = talk(scene)
    told = [event.detail for event in talked.trace.events if event.lane == "reply" and event.detail]
    assert len(told) == len(talked.record.turns) > 2
    assert told == [
        f"{turn.timing.reply_after_ms} ms after the caller" for turn in talked.record.turns
    ]


def test_the_record_has_what_was_heard_but_nothing_of_the_account() -> None:
    """Which sentences an account has tells of its owner, also where they have no value in them."""
    scene, _ = load(DATA / "calls" / "spoken.yaml")
    record = talk(scene).record
    number, pin, menu, *_ = record.turns
    assert (number.heard or "").startswith("Thank you for calling Mississippi educator licensure.")
    assert "four digit PIN" in (pin.heard or "")
    assert (menu.heard or "").startswith(
        "Thank you. [not kept] To hear your status again, press one."
    )
    assert (record.heard or "").endswith("Goodbye.")
    kept = " ".join(turn.heard or "" for turn in record.turns)
    assert not [words for words in ("review", "processing", "letter") if words in kept]


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_no_call_writes_a_pin_anywhere(path: Path) -> None:
    scene, _ = load(path)
    talked = talk(scene)
    written = repr((talked.record, talked.trace.events, talked.voice.said))
    assert PIN not in written
    assert "five eight two seven" not in written


# -- the service's holidays --------------------------------------------------------------------


def _down(_: FakeSynthesizer) -> None:
    raise BackendError("down")


def test_the_greeting_is_played_before_any_request_to_the_backend() -> None:
    said: list[str] = []
    talk(Scene([CallerAction(hangup=True)], service_asked=lambda voice: said.append(voice.text)))
    assert len(said) == 1
    assert said[0].startswith("Thank you for calling")


@pytest.mark.parametrize(("day", "closed"), [(14, True), (15, False)])
def test_the_office_is_closed_on_a_holiday_of_the_backend(day: int, closed: bool) -> None:
    talked = talk(Scene([CallerAction(keys="0")], holidays=(date(2022, 6, day),)))
    assert ("Our office is closed" in talked.voice.text) is closed
    assert (talked.line.transferred is None) is closed


def test_without_the_backend_the_call_uses_the_holidays_of_the_settings() -> None:
    talked = talk(Scene([CallerAction(keys="0")], service_asked=_down))
    assert "Our office is closed" not in talked.voice.text
    assert talked.record.outcome.outcome == "transferred"


def test_no_caller_is_asked_to_wait_for_the_holidays() -> None:
    talked = talk(Scene([CallerAction(hangup=True)], slow_backend=True))
    assert "One moment" not in talked.voice.text
