"""What a reader of events hands on, in which order, and when it makes a call end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio_fixtures import signals
from bot.audio.files import Audio, frames
from bot.calls.event_reader import EventReader, Leaving
from bot.calls.recorder import CallRecorder
from bot.lines.simulated import SimulatedLine
from bot.lines.simulated_caller import SimulatedCaller
from bot.types import AudioFrame, Dtmf, Hangup, LineEvent, Mark
from tests.support.fakes import RATE

pytestmark = pytest.mark.unit

LONGEST_MS = 1_000


class Clock:
    """Implements bot.interfaces.Timer: it stands."""

    def now_ms(self) -> int:
        return 7

    async def sleep(self, ms: int) -> None:
        raise AssertionError(f"nobody waits {ms} ms")


class Line(SimulatedLine):
    """Delivers these events at once."""

    realtime = False

    def __init__(self, events: Sequence[LineEvent]) -> None:
        super().__init__(SimulatedCaller([], RATE), RATE)
        self.coming = list(events)

    async def events(self) -> AsyncIterator[LineEvent]:
        for event in self.coming:
            yield event


def frame(start_ms: int) -> AudioFrame:
    return AudioFrame(bytes(RATE // 50 * 2), RATE, start_ms)


def read(
    events: Sequence[LineEvent], does: Callable[[EventReader], Awaitable[None]]
) -> EventReader:
    async def call() -> EventReader:
        reader = EventReader(Line(events), Clock(), longest_ms=LONGEST_MS)
        await does(reader)
        await reader.close()
        return reader

    return asyncio.run(call())


def test_events_come_in_their_order_and_time_is_that_of_the_audio() -> None:
    events: list[LineEvent] = [frame(0), Dtmf("1", 20), frame(20), Mark("m", 40), Hangup(50)]
    taken: list[tuple[LineEvent, int]] = []

    async def does(reader: EventReader) -> None:
        for _ in range(7):
            event = await reader.next()
            taken.append((event, reader.now_ms))

    assert read(events, does).hung_up
    assert [now for _, now in taken] == [20, 20, 40, 40, 50, 50, 50]
    assert [event for event, _ in taken] == [*events, Hangup(50), Hangup(50)]


@pytest.mark.parametrize(("at_ms", "now_ms"), [(10, 20), (20, 20), (30, 30)])
def test_a_hangup_does_not_set_the_time_back(at_ms: int, now_ms: int) -> None:
    async def does(reader: EventReader) -> None:
        await reader.next()
        assert await reader.next() == Hangup(at_ms)

    assert read([frame(0), Hangup(at_ms)], does).now_ms == now_ms


def test_an_event_put_back_comes_next() -> None:
    async def does(reader: EventReader) -> None:
        await reader.next()
        key = await reader.next()
        reader.put_back(key)
        assert await reader.next() == Dtmf("1", 20)
        assert await reader.next() == Dtmf("2", 20)
        assert reader.arrived_wall_ms == 7

    read([frame(0), Dtmf("1", 20), Dtmf("2", 20)], does)


def test_the_reason_for_leaving_is_given_once() -> None:
    async def does(reader: EventReader) -> None:
        await reader.next()
        reader.leave("the service ends")
        with pytest.raises(Leaving, match="the service ends") as left:
            await reader.next()
        assert left.value.reason == "the service ends"
        assert await reader.next() == frame(20)

    read([frame(0), frame(20)], does)


def test_nobody_leaves_a_call_that_is_over() -> None:
    async def does(reader: EventReader) -> None:
        assert await reader.next() == Hangup(10)
        reader.leave("the service ends")
        assert await reader.next() == Hangup(10)

    read([Hangup(10)], does)


@pytest.mark.parametrize("frame_ms", [20, 30])
def test_a_call_is_too_long_once_and_is_over_a_minute_later(frame_ms: int) -> None:
    """The frame that reaches the longest call is the first that is too long."""
    size = RATE * frame_ms // 1_000 * 2
    starts = range(0, LONGEST_MS + 60_000 + 5 * frame_ms, frame_ms)
    left: list[int] = []
    over: list[int] = []

    async def does(reader: EventReader) -> None:
        for _ in starts:
            try:
                event = await reader.next()
            except Leaving as leaving:
                assert leaving.reason == "the call was too long"
                left.append(reader.now_ms)
                continue
            if isinstance(event, Hangup):
                break
            if reader.hung_up:
                over.append(reader.now_ms)

    read([AudioFrame(bytes(size), RATE, start) for start in starts], does)
    first = -(-LONGEST_MS // frame_ms) * frame_ms
    assert left == [first]
    last = -(-(LONGEST_MS + 60_000) // frame_ms) * frame_ms
    assert over == [last]


def test_a_tone_is_one_key_and_no_sound_for_recognizers() -> None:
    parts = [signals.silence(100, RATE), signals.press("5", 100, RATE, -16.0)]
    samples = signals.to_int16(np.concatenate([*parts, signals.silence(300, RATE)]))
    pieces = list(frames(Audio(samples, RATE), RATE))
    heard: list[LineEvent] = []

    async def does(reader: EventReader) -> None:
        try:
            while True:
                heard.append(await reader.next())
        except StopAsyncIteration:
            return

    read(pieces, does)
    keys = [event for event in heard if isinstance(event, Dtmf)]
    assert [key.key for key in keys] == ["5"]
    assert 130 <= keys[0].at_ms <= 160
    sound = [event for event in heard if isinstance(event, AudioFrame)]
    assert [piece.start_ms for piece in sound] == [piece.start_ms for piece in pieces]
    loud = [piece.start_ms for piece in sound if any(piece.pcm)]
    assert all(100 <= start <= 120 for start in loud), "one frame of the tone at most"


@pytest.mark.parametrize(("end_ms", "too_long"), [(1_799_999, False), (1_800_000, True)])
def test_a_call_is_at_most_half_an_hour_unless_a_setting_says_otherwise(
    end_ms: int, too_long: bool
) -> None:
    async def call() -> bool:
        reader = EventReader(Line([frame(end_ms - 20)]), Clock())
        try:
            await reader.next()
        except Leaving:
            return True
        return False

    assert asyncio.run(call()) is too_long


def test_audio_is_recorded_at_its_time(tmp_path: Path) -> None:
    async def call() -> None:
        loud = AudioFrame(b"\x10\x10" * (RATE // 50), RATE, 40)
        reader = EventReader(Line([frame(0), loud]), Clock(), recorder)
        for _ in range(2):
            await reader.next()

    recorder = CallRecorder(RATE)
    asyncio.run(call())
    recorder.write(tmp_path / "call.wav")
    caller = soundfile.read(tmp_path / "call.wav", dtype="int16")[0][:, 0]
    assert [bool(caller[at * RATE // 1_000]) for at in (0, 20, 39, 40, 59)] == [
        *(False, False, False, True, True),
    ]
    assert len(caller) == 60 * RATE // 1_000


def test_a_key_that_arrives_both_ways_is_one_key() -> None:
    parts = [signals.silence(100, RATE), signals.press("5", 100, RATE, -16.0)]
    samples = signals.to_int16(np.concatenate([*parts, signals.silence(300, RATE)]))
    pieces: list[LineEvent] = list(frames(Audio(samples, RATE), RATE))
    pieces.insert(5, Dtmf("5", 100))
    keys: list[LineEvent] = []

    async def does(reader: EventReader) -> None:
        for _ in pieces:
            event = await reader.next()
            if isinstance(event, Dtmf):
                keys.append(event)

    read(pieces, does)
    assert keys == [Dtmf("5", 100)]
