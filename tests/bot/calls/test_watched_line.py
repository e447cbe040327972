"""A line that fails, ends, or forgets its marks: the call goes on, and ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from bot.calls.watched_line import WatchedLine
from bot.lines.simulated import SimulatedLine
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.types import AudioFrame, Handover, Hangup, LineEvent, Mark
from tests.bot.calls.test_calls import Scene, talk
from tests.support.fakes import RATE

pytestmark = pytest.mark.call

FRAME = bytes(320)


class Line(SimulatedLine):
    """A line of a few events, then a fault or nothing more."""

    def __init__(self, events: list[LineEvent], fault: Exception | None = None) -> None:
        super().__init__(SimulatedCaller([], RATE), RATE)
        self._delivered = events
        self._fault = fault

    async def events(self) -> AsyncIterator[LineEvent]:
        for event in self._delivered:
            yield event
        if self._fault is not None:
            raise self._fault


def frames(first: int, last: int) -> list[LineEvent]:
    """Frames of 20 ms, by their numbers."""
    return [AudioFrame(FRAME, RATE, 20 * number) for number in range(first, last)]


async def delivered(line: WatchedLine) -> list[LineEvent]:
    return [event async for event in line.events()]


@pytest.mark.parametrize("fault", [None, OSError("reset"), ValueError("half a message")])
def test_a_line_that_fails_or_ends_counts_as_a_hangup(fault: Exception | None) -> None:
    events = asyncio.run(delivered(WatchedLine(Line(frames(0, 3), fault), "call-1")))
    assert events == [*frames(0, 3), Hangup(60)]


def test_a_line_reports_one_hangup() -> None:
    line = WatchedLine(Line([*frames(0, 1), Hangup(20), Hangup(20)]), "call-1")
    assert asyncio.run(delivered(line)) == [*frames(0, 1), Hangup(20)]


def test_a_missing_mark_is_reported_some_time_after_its_audio() -> None:
    """200 ms of audio are over at 200 ms, and 1,500 ms later it is time."""

    async def call() -> list[LineEvent]:
        line = WatchedLine(Line(frames(0, 100)), "call-1")
        await line.send(AudioFrame(bytes(RATE * 2 // 5), RATE, 0))
        await line.mark("a")
        return await delivered(line)

    marks = [event for event in asyncio.run(call()) if isinstance(event, Mark)]
    assert marks == [Mark("a", 1_700)]


def test_a_mark_that_was_flushed_or_reported_is_ignored() -> None:
    async def call() -> list[LineEvent]:
        line = WatchedLine(Line([Mark("a", 0), Mark("b", 0), Mark("b", 0), *frames(0, 1)]), "x")
        await line.mark("a")
        await line.flush()
        await line.mark("b")
        return await delivered(line)

    assert asyncio.run(call()) == [Mark("b", 0), *frames(0, 1), Hangup(20)]


# -- whole calls -------------------------------------------------------------------------------


class Forgetful(SimulatedLine):
    """Plays, and answers no mark."""

    async def mark(self, name: str) -> None:
        """Forgotten."""


class Broken(SimulatedLine):
    """Breaks off after a second."""

    async def events(self) -> AsyncIterator[LineEvent]:
        async for event in super().events():
            yield event
            if self.now_ms > 1_000:
                raise ConnectionResetError


class Ending(SimulatedLine):
    """Ends after a second, and says nothing."""

    async def events(self) -> AsyncIterator[LineEvent]:
        async for event in super().events():
            if self.now_ms > 1_000:
                return
            yield event


@pytest.mark.parametrize("line", [Broken, Ending])
def test_a_call_over_a_broken_line_ends_as_a_hangup(
    line: Callable[[SimulatedCaller, int], SimulatedLine],
) -> None:
    talked = talk(Scene([], line=line))
    assert talked.record.outcome.outcome == "hangup"


def test_a_call_without_marks_continues_to_its_end() -> None:
    actions = [CallerAction(keys="0", wait_ms=20_000)]
    talked = talk(Scene(actions, line=Forgetful))
    assert talked.record.outcome.outcome == "transferred"
    assert talked.line.transferred == Handover("caller asked", None, False, None, "representative")


def test_silence_counts_from_the_estimated_time_of_a_lost_mark() -> None:
    talked = talk(Scene([], is_open=False, line=Forgetful))
    assert [turn.result for turn in talked.record.turns] == ["noinput"] * 3
