"""The time of a caller's audio that comes over a network: it never stops.

A caller on hold, a muted telephone, or comfort noise send nothing, and a clock that counts frames
would stand still with every timer. So silence is filled in where the audio is 100 ms behind the
wall, and audio that comes late is appended. Time from outside comes in as milliseconds.
"""

from __future__ import annotations

from bot.types import AudioFrame

FRAME_MS = 20
MOST_AHEAD_MS = 10_000
"""Audio that is so far ahead of the wall is no caller's."""
BEHIND_MS = 100
"""Delay of the audio behind real time after which silence takes its place."""


class StreamClock:
    """Makes frames of 20 ms without gaps out of what arrives, and out of nothing.

    ``filled_ms`` is how much of it was nothing.
    """

    def __init__(self, rate: int, start_wall_ms: int) -> None:
        self._rate = rate
        self._start_wall_ms = start_wall_ms
        self._rest = b""
        self._frame_bytes = rate * FRAME_MS // 1000 * 2
        self.now_ms = 0
        self.filled_ms = 0

    @property
    def due_wall_ms(self) -> int:
        """Return the time at which to fill in silence, if nothing arrives until then."""
        return self._start_wall_ms + self.now_ms + BEHIND_MS

    def arrived(self, pcm: bytes, wall_ms: int) -> list[AudioFrame]:
        """Audio of any length; what is no whole frame waits for more."""
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % self._frame_bytes
        self._rest = pcm[whole:]
        frames: list[AudioFrame] = []
        for at in range(0, whole, self._frame_bytes):
            if self.now_ms - (wall_ms - self._start_wall_ms) >= MOST_AHEAD_MS:
                break
            frames.append(self._frame(pcm[at : at + self._frame_bytes]))
        return frames

    def passed(self, wall_ms: int) -> list[AudioFrame]:
        """Silence, where the audio is 100 ms behind or more: until it no longer is."""
        filled: list[AudioFrame] = []
        while wall_ms >= self.due_wall_ms:
            begun, self._rest = self._rest, b""
            filled.append(self._frame(begun.ljust(self._frame_bytes, b"\0")))
            self.filled_ms += FRAME_MS
        return filled

    def _frame(self, pcm: bytes) -> AudioFrame:
        frame = AudioFrame(pcm, self._rate, self.now_ms)
        self.now_ms += FRAME_MS
        return frame
