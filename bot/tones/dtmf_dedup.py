"""Report each key press once, whether it arrives as an RFC 4733 event, as a tone, or as both.

A gateway that sends events may leave all, the first part, or both ends of the tone in the audio.
Either way may arrive first: events are sent when the key goes down or, by some gateways, when it is
released, seconds later; a tone is recognized 40 ms after it starts, and its audio waits in jitter
buffers. An event is always one press. A tone counts at once where no event has come for it; the
event that comes for it then does not.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_MS = 400
"""Time after the end of a tone in which its event may arrive: jitter buffers hold up to 200 ms, and
events may be 100 ms late.
"""
LONGEST_PRESS_MS = 20_000
"""Longest hold of a key of which only the beginning is heard before its event arrives."""


@dataclass(slots=True)
class _Press:
    """A tone whose event may still come; ``end_ms`` is None while it sounds."""

    key: str
    start_ms: int
    end_ms: int | None = None


class KeyDedup:
    """Remembers tones whose events may still arrive. Times are passed in."""

    def __init__(self, *, events: bool = False) -> None:
        """``events`` says that the line has a way for them, whether or not it uses it."""
        self._expects_events = events
        self._events: dict[str, int] = {}
        self._last_event = ""
        self._told: list[_Press] = []
        self._held: list[_Press] = []

    def event(self, key: str, at_ms: int) -> bool:
        """Take a key that arrived as an event; return True if the press is new."""
        self._events[key], self._last_event = at_ms, key
        self._held.clear()
        oldest_ms = at_ms - LONGEST_PRESS_MS - WINDOW_MS
        self._told = [one for one in self._told if one.start_ms >= oldest_ms]
        for one in self._told:
            if one.key == key:
                self._told.remove(one)
                return False
        return True

    def tone(self, key: str, start_ms: int, end_ms: int | None = None) -> bool:
        """Take the start (``end_ms`` None) or end of a tone; True at the start of a new press.

        Where events are expected, a tone of the same key again may be the rest of one press that
        the line muted in between: it waits for the event (``overdue``).
        """
        if end_ms is not None:
            for press in self._held:
                if (press.key, press.start_ms) == (key, start_ms):
                    press.end_ms = end_ms
            return False
        if self._has_event(key, start_ms):
            return False
        press = _Press(key, start_ms)
        if self._told and self._told[-1].key == key and (self._expects_events or self._events):
            self._held.append(press)
            return False
        self._told.append(press)
        return True

    def overdue(self, now_ms: int, next_key: str = "") -> tuple[str, ...]:
        """Keys whose event has not come in time, or before ``next_key``: presses of their own."""
        if self._events or not self._held:
            return ()
        late = [one for one in self._held if next_key not in ("", one.key) or _late(one, now_ms)]
        self._held = [one for one in self._held if one not in late]
        self._told += late
        return tuple(one.key for one in late)

    def _has_event(self, key: str, start_ms: int) -> bool:
        """Return True if the event of this tone came before it, as far as can be told."""
        return (
            key == self._last_event
            or self._events.get(key, start_ms - WINDOW_MS) > start_ms - WINDOW_MS
        )


def _late(press: _Press, now_ms: int) -> bool:
    return press.end_ms is not None and now_ms > press.end_ms + WINDOW_MS
