"""When events arrived, beside when they were taken: a backlog is waiting, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.calls.event_reader import EventReader, Leaving
from bot.lines.simulated import SimulatedLine
from bot.lines.simulated_caller import SimulatedCaller
from bot.types import AudioFrame, Dtmf, Hangup, LineEvent, Mark
from tests.support.fakes import RATE

pytestmark = pytest.mark.unit


class Clock:
    """Implements bot.interfaces.Timer: the test says what time it is."""

    def __init__(self) -> None:
        self.ms = 0

    def now_ms(self) -> int:
        return self.ms

    async def sleep(self, ms: int) -> None:
        raise AssertionError(f"nobody waits {ms} ms")


class Line(SimulatedLine):
    """Delivers what is put in, in real time."""

    realtime = True

    def __init__(self) -> None:
        super().__init__(SimulatedCaller([], RATE), RATE)
        self.arriving: asyncio.Queue[LineEvent] = asyncio.Queue()

    async def events(self) -> AsyncIterator[LineEvent]:
        while True:
            yield await self.arriving.get()


FRAME = AudioFrame(bytes(320), RATE, 0)


async def arrive(line: Line, *events: LineEvent) -> None:
    """Let the reader's own task take these in."""
    for event in events:
        line.arriving.put_nowait(event)
    for _ in range(10):
        await asyncio.sleep(0)


def test_a_queued_event_keeps_its_arrival_time_and_reports_its_lag() -> None:
    async def call() -> list[tuple[int, int]]:
        clock, line = Clock(), Line()
        reader = EventReader(line, clock)
        await arrive(line, FRAME)
        seen: list[tuple[int, int]] = []

        async def take() -> None:
            await reader.next()
            seen.append((reader.arrived_wall_ms, reader.lag_ms))

        await take()
        clock.ms = 1_000
        await arrive(line, Dtmf("1", 20), Dtmf("2", 20))
        clock.ms = 1_400
        await take()
        clock.ms = 1_900
        await take()
        await arrive(line, Hangup(40))
        await take()
        await reader.close()
        return seen

    assert asyncio.run(call()) == [(0, 0), (1_000, 400), (1_000, 900), (1_900, 0)]


def test_waiting_for_the_backend_is_not_counted_as_lag() -> None:
    """A key that is pressed while the backend is asked waits for the backend."""

    async def call() -> tuple[int, int]:
        clock, line = Clock(), Line()
        reader = EventReader(line, clock)
        await arrive(line, FRAME)
        await reader.next()
        clock.ms = 500
        await arrive(line, FRAME, Dtmf("1", 20))
        clock.ms = 4_000
        reader.catch_up()
        event = await reader.next()
        assert event == Dtmf("1", 20)
        await reader.close()
        return reader.arrived_wall_ms, reader.lag_ms

    assert asyncio.run(call()) == (500, 0)


def test_a_wait_for_an_event_ends_at_once_when_the_call_must_end() -> None:
    async def call() -> None:
        line = Line()
        reader = EventReader(line, Clock())
        waiting = asyncio.create_task(reader.next())
        await arrive(line)
        assert not waiting.done()
        reader.leave("the service ends")
        await arrive(line)
        assert waiting.done(), "it waits on"
        with pytest.raises(Leaving, match="the service ends"):
            await waiting
        await reader.close()

    asyncio.run(call())


def test_only_audio_is_dropped_from_a_backlog() -> None:
    async def call() -> list[LineEvent]:
        line = Line()
        reader = EventReader(line, Clock())
        await arrive(line, FRAME)
        await reader.next()
        events: list[LineEvent] = [Dtmf("1", 20), FRAME, Mark("m", 40), FRAME, Hangup(60)]
        await arrive(line, *events)
        reader.catch_up()
        taken = [await reader.next() for _ in range(3)]
        await reader.close()
        assert reader.hung_up
        return taken

    assert asyncio.run(call()) == [Dtmf("1", 20), Mark("m", 40), Hangup(60)]


def test_a_reader_that_was_closed_takes_nothing_any_more() -> None:
    async def call() -> int:
        line = Line()
        reader = EventReader(line, Clock())
        await arrive(line, FRAME)
        await reader.next()
        await reader.close()
        await arrive(line, FRAME)
        return line.arriving.qsize()

    assert asyncio.run(call()) == 1
