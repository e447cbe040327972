"""Reply audio on its way to a PBX that paces it: whole frames, marks between them, one order.

The PBX queues what it gets and says when that is too much (XOFF) and when it is not any more (XON).
By then much may be under way, and what its queue does not hold it loses: so it never gets more than
a few seconds ahead. How much of it was played is counted by the wall, and put right by each mark.
"""

from __future__ import annotations

from collections import deque

AHEAD_MS = 6_000
"""Most audio that the PBX may have in advance; Asterisk's queue holds 20 s."""
MESSAGE_MS = 500
"""Audio in one message: 8,000 or 16,000 bytes, and Asterisk drops a call for 65,535."""


class MediaQueue:
    """Takes audio and marks at once; ``next`` gives what may be sent now."""

    def __init__(self, rate: int, frame_bytes: int) -> None:
        self._rate = rate
        self._frame_bytes = frame_bytes
        self._rest = b""
        self._waiting: deque[bytes | str] = deque()
        self._sent_ms = 0
        self._over_wall_ms = 0
        self._marked: dict[str, int] = {}
        self.stopped = False

    def put(self, pcm: bytes) -> None:
        """Queue audio; the tail that fills no frame waits for more."""
        pcm = self._rest + pcm
        most = max(1, self._rate * MESSAGE_MS // 500 // self._frame_bytes) * self._frame_bytes
        whole = len(pcm) - len(pcm) % self._frame_bytes
        self._waiting.extend(pcm[at : min(at + most, whole)] for at in range(0, whole, most))
        self._rest = pcm[whole:]

    def mark(self, name: str) -> None:
        """Queue a mark behind all audio, whose last frame is filled with silence."""
        if self._rest:
            self._waiting.append(self._rest.ljust(self._frame_bytes, b"\0"))
            self._rest = b""
        self._waiting.append(name)

    def flush(self, wall_ms: int) -> int:
        """Drop everything; returns how many milliseconds of audio were not played."""
        waiting = sum(len(one) for one in self._waiting if isinstance(one, bytes))
        unplayed_ms = self._ms(waiting + len(self._rest)) + max(0, self._over_wall_ms - wall_ms)
        self._waiting.clear()
        self._marked.clear()
        self._rest = b""
        self._over_wall_ms = wall_ms
        return unplayed_ms

    def next(self, wall_ms: int) -> bytes | str | None:
        """The next message, audio or the name of a mark; None where nothing is to be sent now."""
        if not self._waiting or self.stopped or self.ready_in_ms(wall_ms):
            return None
        message = self._waiting.popleft()
        if isinstance(message, str):
            self._marked[message] = self._sent_ms
        else:
            length_ms = self._ms(len(message))
            self._sent_ms += length_ms
            self._over_wall_ms = max(self._over_wall_ms, wall_ms) + length_ms
        return message

    def ready_in_ms(self, wall_ms: int) -> int:
        """Time for which the PBX still has enough; marks are never held back for that."""
        if not self._waiting or isinstance(self._waiting[0], str):
            return 0
        return max(0, self._over_wall_ms - wall_ms - AHEAD_MS)

    def reached(self, mark: str, wall_ms: int) -> bool:
        """The PBX has played everything before this mark; False for one that was flushed."""
        sent_ms = self._marked.pop(mark, None)
        if sent_ms is None:
            return False
        self._over_wall_ms = wall_ms + self._sent_ms - sent_ms
        return True

    def _ms(self, size: int) -> int:
        return size * 500 // self._rate
