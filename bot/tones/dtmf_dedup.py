"""Report each key press once, whether it arrives as an RFC 4733 event, as a tone, or as both.

A gateway that sends events may leave all or the first part of the tone in the audio. Either may
arrive first: events are sent when the key goes down or, by some gateways, when it is released; a
tone is recognized 40 ms after it starts, and its audio waits in jitter buffers. So presses of the
same key are paired, the oldest event with the oldest tone. Two events, or two tones, are always
two presses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WINDOW_MS = 400
"""How long after the end of a press its other half may arrive: jitter buffers hold up to 200 ms,
the detector takes 40 ms and a frame 20 ms, and events may be 100 ms late."""
LONGEST_PRESS_MS = 3_000
"""Assumed length of a tone whose end was never reported."""

Way = Literal["event", "tone"]


@dataclass(slots=True)
class _Press:
    """A press that has arrived one way only so far."""

    way: Way
    key: str
    start_ms: int
    good_until_ms: int


class KeyDedup:
    """Remembers presses that may still arrive the other way. Times are passed in."""

    def __init__(self) -> None:
        self._alone: list[_Press] = []

    def event(self, key: str, at_ms: int) -> bool:
        """Take a key that arrived as an event; return True if the press is new."""
        return self._new(_Press("event", key, at_ms, at_ms + WINDOW_MS))

    def tone(self, key: str, start_ms: int, end_ms: int | None = None) -> bool:
        """Take the start (``end_ms`` None) or end of a tone; True at the start of a new press."""
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
