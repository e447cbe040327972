"""A terminal as a Line: typed text is keyed or said, and replies are read instead of heard.

A typed line of digits, ``*``, and ``#`` is keyed; any other is an utterance, in which digits are
said one by one. Spaces and dashes between digits count for nothing, nor does punctuation. An empty
line is silence. Each star is its own entry, as on a telephone. Without audio, time stands still.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator, Callable

from bot.types import KEYS, AudioFrame, Handover, Hangup, LineEvent, Mark, Text

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s./()–-]+(?=\d)")
_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d])[-–](?=[^\W\d])")
_PUNCTUATION = re.compile(r"[.,;:!?]+(?=\s|$)|[()\"“”]")


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
            for entry in entries(typed):
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


def entries(typed: str) -> tuple[str, ...]:
    """Return the entries in a typed line: keys in one run, words, or several entries of one star
    each.
    """
    entry = " ".join(_PUNCTUATION.sub("", _BETWEEN_DIGITS.sub("", typed)).split())
    if entry and set(entry) == {"*"}:
        return tuple(entry)
    if set(entry) <= set(KEYS):
        return (entry,)
    return (" ".join(re.sub(r"(\d)", r" \1 ", _BETWEEN_WORDS.sub(" ", entry)).split()),)
