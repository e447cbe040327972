"""A line that keeps its promises: whatever an adapter or its peer does, the call goes on and ends.

A line that fails, or ends without a hangup, counts as hung up, once. A missing mark is supplied
here, 1.5 s after its audio must have ended; a mark that was flushed, or supplied already, is
ignored (Twilio sends the marks that a ``clear`` dropped as if they had been played).
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.calls.call_log import log_fault
from bot.interfaces import Line
from bot.types import AudioFrame, Handover, Hangup, LineEvent, Mark

PATIENCE_MS = 1_500
"""How late a mark may be after the end of its audio."""

FAILED = "error.line"
MARK_LOST = "error.line.mark"


class WatchedLine:
    """Implements bot.interfaces.Line over another one."""

    def __init__(self, line: Line, call_id: str) -> None:
        self._line = line
        self._call_id = call_id
        self._waiting: dict[str, int] = {}
        self._over_ms = 0
        self._now_ms = 0
        self.name = line.name
        self.rate = line.rate
        self.realtime = line.realtime
        self.out_of_band_keys = line.out_of_band_keys
        self.caller_number = line.caller_number
        self.pbx_id = line.pbx_id
        self.resumes = line.resumes

    async def events(self) -> AsyncIterator[LineEvent]:
        """Yield the line's events, with marks that it forgot; Hangup last, whatever happens."""
        try:
            async for event in self._line.events():
                if isinstance(event, Hangup):
                    yield event
                    return
                if isinstance(event, Mark) and self._waiting.pop(event.name, None) is None:
                    continue
                yield event
                if isinstance(event, AudioFrame):
                    self._now_ms = event.end_ms
                    for name in self._overdue() if self._waiting else ():
                        log_fault(self._call_id, MARK_LOST, "Mark")
                        yield Mark(name, self._now_ms)
        except Exception as fault:
            log_fault(self._call_id, FAILED, type(fault).__name__)
        yield Hangup(self._now_ms)

    async def send(self, frame: AudioFrame) -> None:
        """Queue reply audio."""
        self._over_ms = max(self._over_ms, self._now_ms) + frame.duration_ms
        await self._line.send(frame)

    async def mark(self, name: str) -> None:
        """Request a mark, which is certain to come."""
        self._waiting[name] = max(self._over_ms, self._now_ms) + PATIENCE_MS
        await self._line.mark(name)

    async def flush(self) -> int:
        """Drop queued audio and its marks."""
        self._waiting.clear()
        self._over_ms = self._now_ms
        return await self._line.flush()

    async def hangup(self) -> None:
        """End the call from our side."""
        await self._line.hangup()

    async def transfer(self, handover: Handover, call_id: str) -> None:
        """Hand the caller to a person."""
        await self._line.transfer(handover, call_id)

    def _overdue(self) -> list[str]:
        late = [name for name, due_ms in self._waiting.items() if due_ms <= self._now_ms]
        for name in late:
            del self._waiting[name]
        return late
