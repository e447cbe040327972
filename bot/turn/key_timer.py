"""Decides which keys belong to an entry, and when it is over, in audio milliseconds.

The grammar's answer selects the timer: keys wait ``interdigit_timeout`` while more may come, and
``term_timeout`` once the entry is full (VoiceXML 2.1 section 6.3.3). The terminating key ends an
entry and is not part of it. On its own it is ignored, unless a grammar gives it a meaning and it is
not left over from the previous entry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.grammar.match_result import Answer, Heard
from bot.types import Properties, is_command


@dataclass(frozen=True, slots=True)
class KeyParameters:
    """Timing that separates keys pressed in one go from others."""

    no_sense_ms: int = 1_000
    """Longer than the time between two keys pressed in one go."""
    quick_ms: int = 300
    """Too soon for anybody to have heard a prompt begin, and answer it."""
    ended_ms: int = 2_000
    """A terminating key this early in a question ends the previous entry."""
    slower: float = 1.5
    """How many times the longest wait between an entry's other keys its next key may take."""


FITTED = KeyParameters()


def wait_after_key_ms(answer: Answer, properties: Properties, by: KeyParameters = FITTED) -> int:
    """The table of key time-outs, by the grammar's answer.

    Keys without a meaning wait a little: a number keyed at the wrong question is one entry without
    a meaning, not several, one of which might be accepted as a choice.
    """
    return {
        Answer.MAX: properties.term_timeout_ms,
        Answer.MATCH: properties.interdigit_timeout_ms,
        Answer.POTENTIAL: properties.interdigit_timeout_ms,
        Answer.NO: min(by.no_sense_ms, properties.interdigit_timeout_ms),
    }[answer]


@dataclass(frozen=True, slots=True)
class FullEntry:
    """A number, or with ``secret`` a secret one, that the key at ``key_ms`` completed.

    A key within ``within_ms`` of that key belongs to the same entry, whatever the question is by
    then.
    """

    key_ms: int
    within_ms: int
    secret: bool


class KeyRun:
    """Separates an entry's keys from those typed in one go with the entry ``before`` it.

    A number may be followed by its secret in one go; then ``typed_on`` is set. Any other key typed
    so made the previous entry too long and is ignored, unless it is a command.
    """

    def __init__(
        self, before: FullEntry | None, parameters: KeyParameters = FITTED, *, secret: bool
    ) -> None:
        self._parameters = parameters
        self._before = before
        self._secret = secret
        self._pressed_ms: int | None = None
        self._longest_ms = 0
        self.typed_on = False

    def takes(self, pressed_ms: int, alone: Heard) -> bool:
        """Return True if a key belongs to this entry; ``alone`` is the grammars' answer to only
        this key.

        ``pressed_ms`` is when it was pressed, which may be before the question.
        """
        if self._pressed_ms is not None:
            self._longest_ms = max(self._longest_ms, pressed_ms - self._pressed_ms)
        before, self._before = self._before, None
        if before is not None and self._is_left_over(before, pressed_ms, alone):
            self._before = replace(before, key_ms=pressed_ms)
            return False
        self._pressed_ms = pressed_ms
        return True

    def _is_left_over(self, before: FullEntry, pressed_ms: int, alone: Heard) -> bool:
        if pressed_ms - before.key_ms > before.within_ms:
            return False
        if self._secret and not before.secret:
            self.typed_on = True
            return False
        return not alone.values or any(not is_command(grammar) for grammar, _ in alone.values)

    def may_end_before(self, pressed_ms: int, asked_ms: int, properties: Properties) -> bool:
        """Return True if a terminating key ends the previous entry; the question began at
        ``asked_ms``.
        """
        if pressed_ms - asked_ms < self._parameters.ended_ms:
            return True
        before, longest_ms = self._before, properties.interdigit_timeout_ms
        return before is not None and pressed_ms - before.key_ms <= longest_ms

    def ends(self) -> None:
        """Handle the terminating key: whatever follows is a new entry."""
        self._before = None

    def full(self) -> FullEntry:
        """Note that the last key made this entry complete.

        A surplus key of the entry comes about as fast as its others did; one that answers the next
        question comes later.
        """
        by = self._parameters
        within_ms = min(by.no_sense_ms, max(by.quick_ms, int(self._longest_ms * by.slower)))
        return FullEntry(self._pressed_ms or 0, within_ms, self._secret)


class KeyTimer:
    """Decides when a keyed entry is over."""

    def __init__(self, properties: Properties, parameters: KeyParameters = FITTED) -> None:
        self._properties = properties
        self._parameters = parameters
        self._due_ms: int | None = None

    def pressed(self, at_ms: int, answer: Answer, least_ms: int = 0) -> None:
        """Handle a key; ``answer`` is the grammar's for everything entered so far."""
        wait_ms = wait_after_key_ms(answer, self._properties, self._parameters)
        self._due_ms = at_ms + max(least_ms, wait_ms)

    def stop(self) -> None:
        """Stop the key timer because the caller continues by voice: speech time-outs apply."""
        self._due_ms = None

    @property
    def running(self) -> bool:
        """True if the timer waits for another key."""
        return self._due_ms is not None

    def over(self, at_ms: int) -> bool:
        """Return True if the entry is over by this time."""
        return self._due_ms is not None and at_ms >= self._due_ms


def ends_entry(key: str, properties: Properties) -> bool:
    """Return True if this key terminates an entry that has begun."""
    return key == properties.termchar
