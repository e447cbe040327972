"""Key collection: which keys belong to the entry, and when it is over, in audio milliseconds.

The grammar's answer drives the timers: keys wait ``interdigit_timeout`` while more may come, and
``term_timeout`` once the entry is full (VoiceXML 2.1 section 6.3.3). The terminating key ends an
entry and is no part of it; on its own it is left over from an earlier entry and counts for
nothing, unless a grammar means something by it.
"""

from __future__ import annotations

from bot.grammar.reading import Answer
from bot.types import Properties


def wait_after_key_ms(answer: Answer, properties: Properties) -> int:
    """The one table of key time-outs, by the grammar's answer; keys of no sense wait for none."""
    return {
        Answer.MAX: properties.term_timeout_ms,
        Answer.MATCH: properties.interdigit_timeout_ms,
        Answer.POTENTIAL: properties.interdigit_timeout_ms,
        Answer.NO: 0,
    }[answer]


class KeyTimer:
    """When a keyed entry is over."""

    def __init__(self, properties: Properties) -> None:
        self._properties = properties
        self._due_ms: int | None = None

    def pressed(self, at_ms: int, answer: Answer, least_ms: int = 0) -> None:
        """A key arrived; ``answer`` is the grammar's to everything entered so far."""
        self._due_ms = at_ms + max(least_ms, wait_after_key_ms(answer, self._properties))

    def stop(self) -> None:
        """The caller speaks on: speech time-outs rule now."""
        self._due_ms = None

    def over(self, at_ms: int) -> bool:
        """Whether the entry is over by this time."""
        return self._due_ms is not None and at_ms >= self._due_ms


def ends_entry(key: str, properties: Properties, alone: Answer) -> bool:
    """Whether this key is the terminator; ``alone`` is the grammar's answer to just this key."""
    return key == properties.termchar and not alone.complete
