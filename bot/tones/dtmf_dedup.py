"""One key for one press, however it arrives: as an RFC 4733 event, as a tone in the audio, or both.

A gateway that sends events may leave the tone, or its first part, in the audio. Either may come
first: an event is sent when the key goes down or, by some gateways, when it comes up; a tone is
known 40 ms after it began, and its audio waits in jitter buffers. So presses are paired: one of
each way, the same key, the first with the first. Two presses on one way are always two keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WINDOW_MS = 400
"""How long after a press was over the other way may still tell it: jitter buffers hold up to
200 ms, the detector takes 40 and a frame 20, and events may come 100 ms late."""
LONGEST_PRESS_MS = 3_000
"""How long a tone is taken to sound whose end nobody told."""

Way = Literal["event", "tone"]


@dataclass(slots=True)
class _Press:
    """A press that came on one way only so far."""

    way: Way
    key: str
    start_ms: int
    good_until_ms: int


class KeyDedup:
    """Remembers presses that may still arrive on the other way. No clock: times are passed in."""

    def __init__(self) -> None:
        self._alone: list[_Press] = []

    def event(self, key: str, at_ms: int) -> bool:
        """A key came as an event: True when the press is new."""
        return self._new(_Press("event", key, at_ms, at_ms + WINDOW_MS))

    def tone(self, key: str, start_ms: int, end_ms: int | None = None) -> bool:
        """A tone began (``end_ms`` None) or is over: True when it began and the press is new."""
        if end_ms is None:
            longest_ms = LONGEST_PRESS_MS + WINDOW_MS
            return self._new(_Press("tone", key, start_ms, start_ms + longest_ms))
        for press in self._alone:
            if (press.way, press.key, press.start_ms) == ("tone", key, start_ms):
                press.good_until_ms = end_ms + WINDOW_MS
        return False

    def _new(self, press: _Press) -> bool:
        self._alone = [one for one in self._alone if press.start_ms <= one.good_until_ms]
        for one in self._alone:
            if one.way != press.way and one.key == press.key:
                self._alone.remove(one)
                return False
        self._alone.append(press)
        return True
