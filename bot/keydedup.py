"""One key for one press, however it arrives: as an RFC 4733 event, as a tone in the audio, or both.

A gateway that sends events may leave the tone, or the first of it, in the audio. The two ways
differ by the tone's length, the network's delay and the detector's 30 ms, in either order, so a
press of the same key on the other way within the window is the same press. Two presses on one
way are two, however quick.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

WINDOW_MS = 400
"""Longer than a long tone's end (RFC 4733 events may come at the end), shorter than two presses
on both ways together."""

Way = Literal["event", "tone"]


class KeyDedup:
    """Remembers presses that may still arrive on the other way."""

    def __init__(self, window_ms: int = WINDOW_MS) -> None:
        self._window_ms = window_ms
        self._alone: deque[tuple[Way, str, int]] = deque()

    def event(self, key: str, at_ms: int) -> bool:
        """A key came as an event: True when the press is new."""
        return self._new("event", key, at_ms)

    def tone(self, key: str, at_ms: int) -> bool:
        """A key came as a tone: True when the press is new."""
        return self._new("tone", key, at_ms)

    def _new(self, way: Way, key: str, at_ms: int) -> bool:
        while self._alone and at_ms - self._alone[0][2] > self._window_ms:
            self._alone.popleft()
        for one in self._alone:
            if one[0] != way and one[1] == key:
                self._alone.remove(one)
                return False
        self._alone.append((way, key, at_ms))
        return True
