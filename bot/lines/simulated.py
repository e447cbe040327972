"""A recorded caller as a Line: time is audio time, and stops while the service works.

Both directions advance together, 20 ms for each frame read. A call therefore takes the same turns
on fast and slow machines, and runs faster than real time.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.lines.playout_buffer import PlayoutBuffer
from bot.lines.simulated_caller import SimulatedCaller
from bot.types import AudioFrame, Handover, Hangup, LineEvent, Mark

FRAME_MS = 20


class SimulatedLine:
    """Implements bot.interfaces.Line over a SimulatedCaller."""

    realtime = False

    def __init__(
        self,
        caller: SimulatedCaller,
        rate: int,
        name: str = "recording",
        out_of_band_keys: bool = True,
        longest_ms: int = 1_800_000,
    ) -> None:
        self.name = name
        self.rate = rate
        self.out_of_band_keys = out_of_band_keys
        self.caller_number: str | None = None
        self.pbx_id: str | None = None
        self.resumes: str | None = None
        self.transferred: Handover | None = None
        self._caller = caller
        self._longest_ms = longest_ms
        self._outgoing = PlayoutBuffer()
        self._ended = False
        self.now_ms = 0

    async def events(self) -> AsyncIterator[LineEvent]:
        """Frames of 20 ms with their keys and marks, and finally Hangup."""
        while not self._ended and not self._caller.left and self.now_ms < self._longest_ms:
            _, marks = self._outgoing.take(self.rate * FRAME_MS // 1000 * 2)
            for mark in marks:
                yield Mark(mark, self.now_ms)
            pcm, keys = self._caller.tick(self.now_ms, FRAME_MS, bool(self._outgoing))
            for key in keys:
                yield key
            yield AudioFrame(pcm, self.rate, self.now_ms)
            self.now_ms += FRAME_MS
        yield Hangup(self.now_ms)

    async def send(self, frame: AudioFrame) -> None:
        """Queue reply audio."""
        self._outgoing.put(frame.pcm)

    async def mark(self, name: str) -> None:
        """Queue a mark."""
        self._outgoing.mark(name)

    async def flush(self) -> int:
        """Drop unplayed audio."""
        return self._outgoing.clear() * 500 // self.rate

    async def hangup(self) -> None:
        """End the call."""
        self._ended = True

    async def transfer(self, handover: Handover, call_id: str) -> None:
        """Keep what a representative would be told, and end the call."""
        self.transferred = handover
        self._ended = True
