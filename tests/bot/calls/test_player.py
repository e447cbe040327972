"""Prompts over a line: queued, paused, resumed and stopped, and what was really said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.calls.player import BACK_MS, Player
from bot.calls.trace import HIDDEN, Trace, TraceEvent
from bot.prompts.prompts import Prompts
from bot.types import AudioFrame, Handover, Prompt
from tests.support.fakes import RATE, FakeSynthesizer, FakeTimer

pytestmark = pytest.mark.unit

FIRST, SECOND = Prompt("a.first"), Prompt("a.second")
CONFIRM = Prompt("a.confirm", values={"number": "421903"})


@dataclass
class Line:
    """Takes whatever it is sent."""

    sent_ms: int = 0
    marks: list[str] = field(default_factory=list)
    flushes: int = 0

    async def send(self, frame: AudioFrame) -> None:
        self.sent_ms += frame.duration_ms

    async def mark(self, name: str) -> None:
        self.marks.append(name)

    async def flush(self) -> None:
        self.flushes += 1

    name, rate, realtime, out_of_band_keys, caller_number = "test", RATE, False, True, None

    def events(self) -> None:
        raise AssertionError("a player does not listen")

    async def hangup(self) -> None:
        raise AssertionError("a player does not hang up")

    async def transfer(self, handover: Handover) -> None:
        raise AssertionError("a player does not transfer")


@dataclass
class Stage:
    player: Player
    line: Line
    trace: Trace

    def said(self) -> list[tuple[int, str, int | None]]:
        return [(event.at_ms, event.text, event.end_ms) for event in self.trace.events]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    (tmp_path / "common.yaml").write_text(
        "a.first: One two three four five six seven eight nine ten.\na.second: Eleven twelve.\n"
        "a.confirm: 'I heard {number:digits}. Is that right?'\n"
    )
    line, trace = Line(), Trace()
    prompts = Prompts.load(tmp_path)
    return Stage(
        Player(line, prompts, FakeSynthesizer(), FakeTimer(), trace),  # type: ignore[arg-type]
        line,
        trace,
    )


def test_prompts_are_played_one_after_the_other_and_end_with_a_mark(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST, SECOND), 500))
    (first, second) = stage.said()
    assert first[0] == 500
    assert second[0] > (first[2] or 0)
    assert stage.line.marks == [stage.player.mark]
    assert stage.line.sent_ms == (second[2] or 0) - 500


def test_the_first_sentence_tells_what_is_said_of_its_beginning(stage: Stage) -> None:
    began: list[int] = []

    def begins(wall_ms: int) -> str:
        began.append(wall_ms)
        return f"{stage.line.sent_ms} ms were sent"

    asyncio.run(stage.player.play((FIRST, SECOND), 500, begins))
    first, second = stage.trace.events
    assert len(began) == 1
    assert first.detail == f"{(first.end_ms or 0) - first.at_ms} ms were sent"
    assert second.detail == ""


def test_what_is_queued_while_a_prompt_plays_comes_behind_it(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST,), 0))
    asyncio.run(stage.player.play((SECOND,), 100))
    (first, second) = stage.said()
    assert second[0] >= (first[2] or 0)
    assert not stage.player.ended(stage.line.marks[0])
    assert stage.player.ended(stage.line.marks[1])


def test_a_stopped_prompt_is_not_told_as_said_beyond_the_stop(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST, SECOND), 0))
    asyncio.run(stage.player.stop(400))
    assert stage.said() == [(0, "One two three four five six seven eight nine ten.", 400)]
    assert stage.line.flushes == 1
    assert stage.player.mark is None


def test_a_resumed_prompt_goes_back_a_little_and_ends_with_a_new_mark(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST,), 0))
    whole_ms = stage.line.sent_ms
    asyncio.run(stage.player.pause(600))
    asyncio.run(stage.player.resume(2_000))
    assert stage.line.sent_ms == whole_ms + whole_ms - (600 - BACK_MS)
    assert stage.said()[-1][0] == 2_000
    assert stage.line.marks[-1] == stage.player.mark


def test_a_prompt_that_was_paused_and_stopped_is_not_resumed(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST,), 0))
    asyncio.run(stage.player.pause(300))
    asyncio.run(stage.player.stop(400))
    before_ms = stage.line.sent_ms
    asyncio.run(stage.player.resume(500))
    assert stage.line.sent_ms == before_ms


@pytest.mark.parametrize("proven", [True, False])
def test_a_number_is_withheld_until_it_is_settled_also_where_it_is_resumed(
    stage: Stage, proven: bool
) -> None:
    told: list[TraceEvent] = []
    stage.trace.listeners = (told.append,)
    asyncio.run(stage.player.play((CONFIRM,), 0))
    asyncio.run(stage.player.pause(600))
    asyncio.run(stage.player.resume(2_000))
    digits = [event for event in told if event.text == HIDDEN]
    assert {event.aloud for event in digits} == {"four", "two", "one", "nine", "zero", "three"}
    assert "four" not in repr(told)
    stage.trace.settle(lambda number: proven and number == "421903")
    texts = [event.text for event in stage.trace.events]
    heard = 1 + 6  # one digit before the pause, and all of them after it
    assert texts.count(HIDDEN) == (0 if proven else heard)
    assert "I heard" in texts
    assert all(event.aloud == event.text for event in stage.trace.events)
