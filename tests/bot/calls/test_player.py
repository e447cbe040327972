"""Prompts over a line: queued, paused, resumed and stopped, and what was really said."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.calls.player import Player
from bot.calls.trace import HIDDEN, Trace, TraceEvent
from bot.prompts.prompts import Prompts
from bot.types import AudioFrame, Handover, Mark, Prompt
from tests.support.fakes import RATE, FakeSynthesizer, FakeTimer

pytestmark = pytest.mark.unit

TEN_WORDS = "One two three four five six seven eight nine ten."
FIRST, SECOND = Prompt("a.first"), Prompt("a.second")
CONFIRM = Prompt("a.confirm", values={"number": "421903"})


@dataclass
class Line:
    """Takes whatever it is sent, and played all but ``unplayed_ms`` of it when it is flushed."""

    sent_ms: int = 0
    unplayed_ms: int = 0
    marks: list[str] = field(default_factory=list)
    flushes: int = 0

    async def send(self, frame: AudioFrame) -> None:
        self.sent_ms += frame.duration_ms

    async def mark(self, name: str) -> None:
        self.marks.append(name)

    async def flush(self) -> int:
        self.flushes += 1
        return self.unplayed_ms

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

    def reach(self, mark: int, at_ms: int) -> bool:
        """The line says that it has played everything before this mark."""
        return self.player.reached(Mark(self.line.marks[mark], at_ms))


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
    assert stage.line.marks[-1] == stage.player.mark
    assert not stage.reach(0, 500)
    assert not stage.reach(1, 1_700)
    assert stage.said() == [(500, TEN_WORDS, 1_500), (1_700, "Eleven twelve.", 1_900)]
    assert stage.reach(2, 1_900)
    assert stage.player.mark is None


def test_listeners_are_told_when_a_sentence_is_queued_and_when_it_is_heard(stage: Stage) -> None:
    told: list[tuple[int, str, str]] = []
    stage.trace.listeners = (lambda event: told.append((event.at_ms, event.lane, event.text)),)
    asyncio.run(stage.player.play((FIRST, SECOND), 500))
    assert told == [(500, "queued", TEN_WORDS), (500, "queued", "Eleven twelve.")]
    stage.reach(0, 900)
    assert told[2:] == [(900, "reply", TEN_WORDS)]
    assert [event.lane for event in stage.trace.events] == ["reply"]


def test_the_first_sentence_reports_how_much_of_its_beginning_was_heard(stage: Stage) -> None:
    began: list[int] = []

    def begins(wall_ms: int) -> str:
        began.append(wall_ms)
        return "180 ms after the caller"

    asyncio.run(stage.player.play((FIRST, SECOND), 500, begins))
    stage.reach(0, 500)
    stage.reach(1, 1_700)
    assert len(began) == 1
    assert [event.detail for event in stage.trace.events] == ["180 ms after the caller", ""]


def test_a_prompt_queued_during_another_plays_after_it(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST,), 0))
    asyncio.run(stage.player.play((SECOND,), 100))
    assert not any(stage.reach(mark, 1_000) for mark in (0, 1, 2))
    assert stage.reach(3, 1_200)


def test_listeners_are_told_what_barge_in_cut_off(stage: Stage) -> None:
    told: list[tuple[str, int | None, bool]] = []
    stage.trace.listeners = (lambda event: told.append((event.text, event.end_ms, event.cut)),)
    asyncio.run(stage.player.play((FIRST, SECOND), 0))
    del told[:]
    stage.reach(0, 20)
    asyncio.run(stage.player.stop(400))
    assert told == [(TEN_WORDS, 1_020, False), (TEN_WORDS, 400, True)]
    assert stage.said() == [(20, TEN_WORDS, 400), (20, "Eleven twelve.", 20)]
    assert [event.lane for event in stage.trace.events] == ["reply", "unheard"]
    assert stage.line.flushes == 1
    assert stage.player.mark is None


def test_the_mark_of_a_prompt_that_was_cut_off_is_ignored(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST, SECOND), 0))
    asyncio.run(stage.player.stop(400))
    assert not any(stage.reach(mark, 500) for mark in (0, 1, 2))
    assert {event.lane for event in stage.trace.events} == {"unheard"}


def test_a_resumed_sentence_was_not_taken_back(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST, SECOND), 0))
    stage.line.unplayed_ms = 1_100
    asyncio.run(stage.player.pause(100))
    asyncio.run(stage.player.resume(900))
    for mark in range(3, len(stage.line.marks)):
        stage.reach(mark, 1_000 * mark)
    asyncio.run(stage.player.stop(9_000))
    assert [event.lane for event in stage.trace.events] == ["reply", "reply"]


def test_a_sentence_that_was_paused_and_then_stopped_was_not_heard(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST, SECOND), 0))
    stage.reach(0, 20)
    asyncio.run(stage.player.pause(100))
    asyncio.run(stage.player.stop(400))
    assert [(event.lane, event.text) for event in stage.trace.events] == [
        ("reply", TEN_WORDS),
        ("unheard", "Eleven twelve."),
    ]


@pytest.mark.parametrize(
    ("unplayed_ms", "again_ms"),
    [(400, 700), (990, 1_000), (1_000, 1_000), (0, 300), (5_000, 1_000)],
)
def test_a_resumed_prompt_starts_a_little_before_where_the_line_stopped(
    stage: Stage, unplayed_ms: int, again_ms: int
) -> None:
    """The line may have begun late: the caller's clock does not say what was heard."""
    asyncio.run(stage.player.play((FIRST,), 0))
    stage.line.unplayed_ms = unplayed_ms
    asyncio.run(stage.player.pause(900))
    before_ms = stage.line.sent_ms
    asyncio.run(stage.player.resume(2_000))
    assert stage.line.sent_ms - before_ms == again_ms
    assert stage.line.marks[-1] == stage.player.mark


def test_a_prompt_that_is_paused_twice_resumes_where_it_stopped(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST, SECOND), 0))
    stage.line.unplayed_ms = 400
    asyncio.run(stage.player.pause(900))
    asyncio.run(stage.player.resume(2_000))
    asyncio.run(stage.player.pause(2_500))
    before_ms = stage.line.sent_ms
    asyncio.run(stage.player.resume(4_000))
    assert stage.line.sent_ms - before_ms == 700


def test_a_prompt_that_was_paused_and_stopped_is_not_resumed(stage: Stage) -> None:
    asyncio.run(stage.player.play((FIRST,), 0))
    asyncio.run(stage.player.pause(300))
    asyncio.run(stage.player.stop(400))
    before_ms = stage.line.sent_ms
    asyncio.run(stage.player.resume(500))
    assert stage.line.sent_ms == before_ms


@pytest.mark.parametrize("proven", [True, False])
def test_a_number_is_withheld_until_it_is_settled_even_after_a_pause(
    stage: Stage, proven: bool
) -> None:
    told: list[TraceEvent] = []
    stage.trace.listeners = (told.append,)
    asyncio.run(stage.player.play((CONFIRM,), 0))
    stage.reach(0, 0)
    stage.reach(1, 300)
    stage.line.unplayed_ms = stage.line.sent_ms - 600
    asyncio.run(stage.player.pause(600))
    resumed = len(stage.line.marks)
    asyncio.run(stage.player.resume(2_000))
    for mark in range(resumed, len(stage.line.marks)):
        stage.reach(mark, 2_000 + 100 * mark)
    digits = [event for event in told if event.text == HIDDEN]
    assert {event.aloud for event in digits} == {"four", "two", "one", "nine", "zero", "three"}
    assert "four" not in repr(told)
    stage.trace.settle(lambda number: proven and number == "421903")
    texts = [event.text for event in stage.trace.events]
    heard = 1 + 6  # one digit before the pause, and all of them after it
    assert texts.count(HIDDEN) == (0 if proven else heard)
    assert "I heard" in texts
    assert all(event.aloud == event.text for event in stage.trace.events)
