"""A strict double of Asterisk's chan_websocket: one channel, paced in steps of 20 ms.

Built from what Asterisk's source says it does. What Asterisk would drop or refuse, and what no
correct program sends it, is an ``AsteriskFault``.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

FRAME_MS = 20
LONGEST_COMMAND = 127
LARGEST_MESSAGE = 65_535
RATES = {"slin": 8_000, "slin16": 16_000}


class AsteriskFault(AssertionError):  # noqa: N818  a finding about the program
    """The program in front of Asterisk did what it must not do."""


@dataclass(frozen=True)
class Limits:
    """Of the queue, in frames."""

    queue: int = 1_000
    xoff: int = 900
    xon: int = 800


@dataclass
class Channel:
    """One channel. ``heard`` is what the caller heard so far; silence where nothing was queued."""

    kind: str = "slin"
    limits: Limits = field(default_factory=Limits)
    variables: dict[str, str] = field(default_factory=dict)
    heard: bytearray = field(default_factory=bytearray)
    queue: deque[bytes | str] = field(default_factory=deque)
    frames: int = 0
    stopped: bool = False
    xoffs: int = 0
    flushes: int = 0
    after_xoff: int = 0
    hung_up: bool = False
    marks: list[str] = field(default_factory=list)

    @property
    def rate(self) -> int:
        return RATES[self.kind]

    @property
    def frame_bytes(self) -> int:
        return self.rate // 50 * 2

    def start(self) -> str:
        """The first text message."""
        return json.dumps(
            {
                "event": "MEDIA_START",
                "connection_id": "botws",
                "channel": "WebSocket/botws/0x7f20c4012340",
                "channel_id": "1795993468.3",
                "format": self.kind,
                "optimal_frame_size": self.frame_bytes,
                "ptime": FRAME_MS,
                "channel_variables": self.variables,
            }
        )

    def take(self, message: str | bytes) -> list[str]:
        """A message from the program; returns the events that answer it."""
        if self.hung_up:
            raise AsteriskFault("a message after HANGUP")
        return self._audio(message) if isinstance(message, bytes) else self._command(message)

    def pass_frame(self) -> list[str]:
        """20 ms pass: the caller hears a frame, and marks before it are reached."""
        events: list[str] = []
        playing = bool(self.queue)
        self._reach(events)
        if self.queue:
            frame = self.queue.popleft()
            assert isinstance(frame, bytes)
            self.frames -= 1
            self.heard += frame
        else:
            self.heard += bytes(self.frame_bytes)
        self._reach(events)
        if self.stopped and self.frames <= self.limits.xon:
            self.stopped = False
            events.append(event("MEDIA_XON"))
        if playing and not self.queue:
            events.append(event("QUEUE_DRAINED"))
        return events

    def _reach(self, events: list[str]) -> None:
        while self.queue and isinstance(self.queue[0], str):
            name = str(self.queue.popleft())
            self.marks.append(name)
            events.append(event("MEDIA_MARK_PROCESSED", correlation_id=name))

    def _audio(self, message: bytes) -> list[str]:
        if len(message) > LARGEST_MESSAGE:
            raise AsteriskFault(f"a message of {len(message)} bytes drops the call")
        if len(message) % self.frame_bytes:
            raise AsteriskFault("the tail of a message that is no whole frame is lost")
        count = len(message) // self.frame_bytes
        if self.frames + count > self.limits.queue:
            raise AsteriskFault("the queue is full, and the message is lost")
        if self.stopped:
            self.after_xoff += count
        for at in range(0, len(message), self.frame_bytes):
            self.queue.append(message[at : at + self.frame_bytes])
        self.frames += count
        if not self.stopped and self.frames >= self.limits.xoff:
            self.stopped = True
            self.xoffs += 1
            return [event("MEDIA_XOFF")]
        return []

    def _command(self, message: str) -> list[str]:
        if len(message.encode()) > LONGEST_COMMAND:
            raise AsteriskFault(f"a command of {len(message)} bytes is dropped")
        command = json.loads(message)
        match command.get("command"):
            case "MARK_MEDIA":
                self.queue.append(str(command["correlation_id"]))
                return []
            case "FLUSH_MEDIA":
                self.queue.clear()
                self.frames = 0
                self.flushes += 1
                return self._xon()
            case "HANGUP":
                self.hung_up = True
                return []
            case "GET_STATUS":
                return [event("STATUS", queue_length=self.frames)]
            case "ANSWER":
                return []
            case other:
                raise AsteriskFault(f"there is no command {other}")

    def _xon(self) -> list[str]:
        if not self.stopped:
            return []
        self.stopped = False
        return [event("MEDIA_XON")]


def event(name: str, **members: Any) -> str:
    """A text message of Asterisk's."""
    return json.dumps({"event": name, "channel_id": "1795993468.3", **members})


Shape = Callable[[int, bytes], list[bytes]]
"""What of a frame at this time (ms) is sent now: none of it, or more than one."""


def as_it_is(_: int, frame: bytes) -> list[bytes]:
    """A line without losses."""
    return [frame]
