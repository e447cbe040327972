"""A PBX's call as a Line: Asterisk's chan_websocket with JSON messages and signed linear audio.

Asterisk handles RTP and paces what it plays. One task reads, one writes, one keeps the caller's
clock going. Whatever the peer sends or leaves out, nothing is raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Literal

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.interfaces import Timer
from bot.lines.asterisk_messages import Flow, KeyUp, MarkReached, MediaStart, Other, command, read
from bot.lines.media_queue import MediaQueue
from bot.lines.stream_clock import StreamClock
from bot.types import KEYS, AudioFrame, Dtmf, Handover, Hangup, LineEvent, Mark

START_S = 5.0
"""Longest wait for the first message."""
EARLY_MS = 1_000
"""Audio kept that arrives before the first message, which it overtakes on a busy machine."""
CLOSING_S = 2.0
"""Time for the PBX to end a call that we ended."""
_GONE = (WebSocketDisconnect, RuntimeError, OSError)
"""Exceptions of a connection that is gone; Starlette raises RuntimeError after a close."""

Ending = Literal["hangup", "representative"]
Ended = Callable[[str | None, Ending, str], None]
"""Called when we end a call: its id at the PBX, what is next, and our id of the call."""


async def begin(socket: WebSocket, timer: Timer, ended: Ended) -> WebSocketLine | None:
    """Return the line of an accepted connection; None if it does not begin as Asterisk does."""
    early = bytearray()
    with suppress(TimeoutError, *_GONE):
        async with asyncio.timeout(START_S):
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    return None
                early += message.get("bytes") or b""
                start = read(message.get("text") or "")
                if isinstance(start, MediaStart):
                    break
        if start.rate is not None:
            kept = bytes(early[-(start.rate * EARLY_MS // 500) :])
            return WebSocketLine(socket, timer, start, kept, ended)
    return None


class WebSocketLine:
    """Implements bot.interfaces.Line; ``serve`` carries it.

    It has many attributes because eight of them are the protocol's, and the others are the two
    directions of one connection.
    """

    name = "telephone"
    realtime = True
    out_of_band_keys = True

    def __init__(
        self, socket: WebSocket, timer: Timer, start: MediaStart, early: bytes, ended: Ended
    ) -> None:
        self.rate = start.rate or 8_000
        self.caller_number = start.caller_number
        self.pbx_id = start.pbx_id
        self.resumes = start.resumes
        self._socket = socket
        self._timer = timer
        self._ended = ended
        self._clock = StreamClock(self.rate, timer.now_ms())
        self._queue = MediaQueue(self.rate, start.frame_bytes)
        self._arrived: asyncio.Queue[LineEvent] = asyncio.Queue()
        self._commands: list[str] = []
        self._wake = asyncio.Event()
        self._strange = False
        self._over = False
        self._deliver(self._clock.arrived(early, timer.now_ms()))

    @property
    def filled_ms(self) -> int:
        """Duration of the caller's audio that is silence because nothing came."""
        return self._clock.filled_ms

    async def serve(self) -> None:
        """Carry both directions until the peer is gone; the last event is a hangup."""
        tasks = [asyncio.create_task(one) for one in (self._read(), self._write(), self._tick())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._over = True
            self._arrived.put_nowait(Hangup(self._clock.now_ms))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(*_GONE):
                await self._socket.close()

    async def events(self) -> AsyncIterator[LineEvent]:
        """Yield events, with silence where no audio arrives; Hangup last."""
        while True:
            event = await self._arrived.get()
            yield event
            if isinstance(event, Hangup):
                return

    async def send(self, frame: AudioFrame) -> None:
        """Queue reply audio; never waits."""
        self._queue.put(frame.pcm)
        self._wake.set()

    async def mark(self, name: str) -> None:
        """Queue a mark; never waits."""
        self._queue.mark(name)
        self._wake.set()

    async def flush(self) -> int:
        """Empty our queue and Asterisk's."""
        unplayed_ms = self._queue.flush(self._timer.now_ms())
        self._command("FLUSH_MEDIA")
        return unplayed_ms

    async def hangup(self) -> None:
        """End the call; the dialplan continues."""
        self._end("hangup", "")

    async def transfer(self, handover: Handover, call_id: str) -> None:
        """End the call; the dialplan learns that a representative is next."""
        self._end("representative", call_id)

    def _end(self, ending: Ending, call_id: str) -> None:
        if not self._over:
            self._ended(self.pbx_id, ending, call_id)
            self._command("HANGUP")

    def _command(self, name: str) -> None:
        self._commands.append(command(name))
        self._wake.set()

    # -- from the PBX ---------------------------------------------------------------------

    async def _read(self) -> None:
        with suppress(*_GONE):
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                self._take(message)

    def _take(self, message: Any) -> None:
        pcm = message.get("bytes")
        if pcm is not None:
            self._deliver(self._clock.arrived(pcm, self._timer.now_ms()))
            return
        at_ms = self._clock.now_ms
        match read(message.get("text") or ""):
            case KeyUp(key) if len(key) == 1 and key in KEYS:
                self._arrived.put_nowait(Dtmf(key, at_ms))
            case MarkReached(name) if self._queue.reached(name, self._timer.now_ms()):
                self._arrived.put_nowait(Mark(name, at_ms))
            case Flow(stopped):
                self._queue.stopped = stopped
                self._wake.set()
            case Other(failed=True) | None:
                self._note_strange()

    def _note_strange(self) -> None:
        """Log once per call, and without content, which may be anything."""
        if not self._strange:
            self._strange = True
            structlog.get_logger("bot").warning("line_strange_message")

    async def _tick(self) -> None:
        """Supply silence while the caller's audio is missing."""
        while True:
            self._deliver(self._clock.passed(self._timer.now_ms()))
            await self._timer.sleep(max(1, self._clock.due_wall_ms - self._timer.now_ms()))

    def _deliver(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            self._arrived.put_nowait(frame)

    # -- to the PBX -----------------------------------------------------------------------

    async def _write(self) -> None:
        """Return commands first, then what the queue lets go; nothing after a hangup."""
        with suppress(*_GONE):
            while not await self._write_ready():
                ready_in_ms = self._queue.ready_in_ms(self._timer.now_ms())
                waits_s = ready_in_ms / 1000 if ready_in_ms and not self._queue.stopped else None
                with suppress(TimeoutError):
                    async with asyncio.timeout(waits_s):
                        await self._wake.wait()
                self._wake.clear()
            await asyncio.sleep(CLOSING_S)

    async def _write_ready(self) -> bool:
        """Send what may be sent now; return True once we have hung up."""
        while True:
            if self._commands:
                text = self._commands.pop(0)
                await self._socket.send_text(text)
                if text == _HANGUP:
                    return True
                continue
            message = self._queue.next(self._timer.now_ms())
            if message is None:
                return False
            if isinstance(message, bytes):
                await self._socket.send_bytes(message)
            else:
                await self._socket.send_text(command("MARK_MEDIA", correlation_id=message))


_HANGUP = command("HANGUP")
