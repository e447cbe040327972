"""Delivers a line's events in order, as the rest of the call needs them: frames, and each key once.

Keys that arrive as tones in the audio become Dtmf events; a key that arrives both ways counts once.
The audio of a tone is replaced by silence, so that no recognizer hears it as speech.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress

from bot.calls.recorder import CallRecorder
from bot.interfaces import Line, Timer
from bot.tones.dtmf_dedup import KeyDedup
from bot.tones.keys_and_tty import LineTones
from bot.types import AudioFrame, Dtmf, Hangup, LineEvent, Mark, Tty

TOO_LONG = "the call was too long"
GRACE_MS = 60_000
"""Time for closing prompts beyond the longest call."""


class Leaving(Exception):  # noqa: N818  no fault: the way out of a collect
    """The call must end politely, for this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EventReader:
    """Implements ``collect.Events`` over a line.

    ``now_ms`` is the audio time of the last event; ``arrived_wall_ms`` is the real time at which
    the latest event arrived, and ``lag_ms`` how long it waited. It has many attributes because it
    combines a line's three clocks and both ways that a key can arrive.
    """

    def __init__(
        self,
        line: Line,
        timer: Timer,
        recorder: CallRecorder | None = None,
        longest_ms: int = 1_800_000,
    ) -> None:
        self._line = line
        self._timer = timer
        self._recorder = recorder
        self._longest_ms = longest_ms
        self._leaving: str | None = None
        self._events = line.events()
        self._tones = LineTones(line.rate)
        self._once = KeyDedup(events=line.out_of_band_keys)
        self._ready: deque[tuple[LineEvent, int]] = deque()
        self._arrived: asyncio.Queue[tuple[LineEvent, int]] = asyncio.Queue()
        self._pump: asyncio.Task[None] | None = None
        self.now_ms = 0
        self.arrived_wall_ms = 0
        self.lag_ms = 0
        self.hung_up = False

    async def next(self) -> LineEvent:
        """Return the next event; Hangup repeatedly once the caller is gone. Raises Leaving,
        once.
        """
        while not self._ready:
            self._leave()
            event, arrived_ms = await self._deliver()
            self.lag_ms = self._timer.now_ms() - arrived_ms
            self._take(event, arrived_ms)
        self._leave()
        event, self.arrived_wall_ms = self._ready.popleft()
        return event

    def put_back(self, event: LineEvent) -> None:
        """Return this event to the stream as the next one."""
        self._ready.appendleft((event, self.arrived_wall_ms))

    def leave(self, reason: str) -> None:
        """Make ``next`` raise Leaving, even if it is waiting now."""
        self._leaving = reason
        self._arrived.put_nowait((Mark("leave", self.now_ms), self._timer.now_ms()))

    def catch_up(self) -> None:
        """Drop audio that arrived while nobody listened; keep keys, marks, and a hangup."""
        while not self._arrived.empty():
            self._take(*self._arrived.get_nowait())
        self._ready = deque(one for one in self._ready if not isinstance(one[0], AudioFrame))

    async def close(self) -> None:
        """Stop reading."""
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump

    def _leave(self) -> None:
        reason, self._leaving = self._leaving, None
        if reason is not None and not self.hung_up:
            raise Leaving(reason)

    async def _deliver(self) -> tuple[LineEvent, int]:
        if self.hung_up:
            return Hangup(self.now_ms), self._timer.now_ms()
        if not self._line.realtime:
            return await anext(self._events), self._timer.now_ms()
        if self._pump is None:
            self._pump = asyncio.create_task(self._read())
        return await self._arrived.get()

    async def _read(self) -> None:
        async for event in self._events:
            self._arrived.put_nowait((event, self._timer.now_ms()))

    def _take(self, event: LineEvent, arrived_ms: int) -> None:
        match event:
            case AudioFrame():
                self._ready.extend((one, arrived_ms) for one in self._heard(event))
            case Dtmf(key, at_ms):
                if self._once.event(key, at_ms):
                    self._ready.append((event, arrived_ms))
            case Hangup(at_ms):
                self.hung_up = True
                self.now_ms = max(self.now_ms, at_ms)
                self._ready.append((event, arrived_ms))
            case _:
                self._ready.append((event, arrived_ms))

    def _pass_time(self, now_ms: int) -> None:
        """End a call that exceeds the longest call plus its closing prompts."""
        before_ms, self.now_ms = self.now_ms, now_ms
        if before_ms < self._longest_ms <= now_ms:
            self._leaving = TOO_LONG
        self.hung_up = self.hung_up or now_ms >= self._longest_ms + GRACE_MS

    def _heard(self, frame: AudioFrame) -> Iterator[LineEvent]:
        self._pass_time(frame.end_ms)
        found = self._tones.accept(frame)
        if self._recorder is not None:
            self._recorder.heard(frame, found)
        for tone in found.keys:
            if tone.end_ms is None:
                yield from self._keys(self._once.overdue(frame.end_ms, tone.key))
            if self._once.tone(tone.key, tone.start_ms, tone.end_ms):
                yield from self._keys(tone.key)
        yield from self._keys(self._once.overdue(frame.end_ms))
        if found.tty:
            yield Tty(frame.end_ms)
        yield found.speech(frame)

    def _keys(self, keys: Iterable[str]) -> Iterator[LineEvent]:
        return (Dtmf(key, self.now_ms) for key in keys)
