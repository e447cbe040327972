"""Key collection: which keys belong to the entry, and when it is over, in audio milliseconds.

The grammar's answer drives the timers: keys wait ``interdigit_timeout`` while more may come, and
``term_timeout`` once the entry is full (VoiceXML 2.1 section 6.3.3). The terminating key ends an
entry and is no part of it; on its own it is left over from an earlier entry and counts for
nothing, unless a grammar means something by it.
"""

from __future__ import annotations

from bot.grammar.match_result import Answer
from bot.types import Properties

NO_SENSE_MS = 1_000
"""Longer than between two keys that are pressed in one go."""


def wait_after_key_ms(answer: Answer, properties: Properties) -> int:
    """The one table of key time-outs, by the grammar's answer.

    Keys of no sense wait a little: a number that is keyed where none was asked for is one entry
    that means nothing, not four, of which one might be taken for a choice.
    """
    return {
        Answer.MAX: properties.term_timeout_ms,
        Answer.MATCH: properties.interdigit_timeout_ms,
        Answer.POTENTIAL: properties.interdigit_timeout_ms,
        Answer.NO: min(NO_SENSE_MS, properties.interdigit_timeout_ms),
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
