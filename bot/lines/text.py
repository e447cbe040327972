"""A terminal as a Line: typed text is keyed or said, and replies are read instead of heard.

A typed line of digits, ``*``, and ``#`` is keyed; any other is an utterance. An empty line is
silence. Each star is its own entry, as on a telephone. There is no audio, so time stands still.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable

from bot.types import AudioFrame, Handover, Hangup, LineEvent, Mark, Text


class TextLine:
    """Implements bot.interfaces.Line; ``read`` returns the next typed line, None at the end."""

    name = "text"
    rate = 8_000
    realtime = False
    out_of_band_keys = True
    caller_number: str | None = None
    pbx_id: str | None = None
    resumes: str | None = None

    def __init__(self, read: Callable[[], str | None]) -> None:
        self._read = read
        self._marks: deque[str] = deque()
        self._ended = False

    async def events(self) -> AsyncIterator[LineEvent]:
        """Marks at once, then typed entries; Hangup at the end of the input."""
        while not self._ended:
            while self._marks:
                yield Mark(self._marks.popleft(), 0)
            if self._ended:
                break
            typed = self._read()
            if typed is None:
                break
            for entry in _entries(typed):
                yield Text(entry, 0)
        yield Hangup(0)

    async def send(self, frame: AudioFrame) -> None:
        """Ignore audio; the terminal shows text."""

    async def mark(self, name: str) -> None:
        """Reach the mark at once, since there is nothing to play."""
        self._marks.append(name)

    async def flush(self) -> int:
        """Drop marks that were not reached."""
        self._marks.clear()
        return 0

    async def hangup(self) -> None:
        """End the call."""
        self._ended = True

    async def transfer(self, handover: Handover, call_id: str) -> None:
        """End the call, since there is nobody to connect to."""
        self._ended = True


def _entries(typed: str) -> tuple[str, ...]:
    return tuple(typed) if typed and set(typed) == {"*"} else (typed,)
