"""Key collection: which keys belong to the entry, and when it is over, in audio milliseconds.

The grammar's answer drives the timers: keys wait ``interdigit_timeout`` while more may come, and
``term_timeout`` once the entry is full (VoiceXML 2.1 section 6.3.3). The terminating key ends an
entry and is no part of it. On its own it counts for nothing, unless a grammar means something by it
and it is not left over from the entry before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.grammar.match_result import Answer, Heard
from bot.types import Properties, is_command


@dataclass(frozen=True, slots=True)
class KeyParameters:
    """How keys that are pressed in one go are told from others."""

    no_sense_ms: int = 1_000
    """Longer than between two keys that are pressed in one go."""
    quick_ms: int = 300
    """Nobody hears a prompt begin and answers it so soon."""
    ended_ms: int = 2_000
    """A terminating key so soon in a question ends the entry before it."""
    slower: float = 1.5
    """How many times longer than between its other keys the next key of an entry may take."""


FITTED = KeyParameters()


def wait_after_key_ms(answer: Answer, properties: Properties, by: KeyParameters = FITTED) -> int:
    """The one table of key time-outs, by the grammar's answer.

    Keys of no sense wait a little: a number that is keyed where none was asked for is one entry
    that means nothing, not four, of which one might be taken for a choice.
    """
    return {
        Answer.MAX: properties.term_timeout_ms,
        Answer.MATCH: properties.interdigit_timeout_ms,
        Answer.POTENTIAL: properties.interdigit_timeout_ms,
        Answer.NO: min(by.no_sense_ms, properties.interdigit_timeout_ms),
    }[answer]


@dataclass(frozen=True, slots=True)
class FullEntry:
    """A number, or with ``secret`` a secret one, that was complete with a key at ``key_ms``.

    A key that comes ``within_ms`` of that one belongs to the same entry, whatever is asked by then.
    """

    key_ms: int
    within_ms: int
    secret: bool


class KeyRun:
    """Tells the keys of an entry from those that come in one go with the entry ``before`` it.

    A number may be followed by its secret in one go: ``typed_on`` is set then. Any other key that
    comes so made the entry before too long and counts for nothing, unless it is a command.
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
        """Whether a key is of this entry; ``alone`` is the grammars' answer to just this key.

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
        """Whether a terminating key ends the entry before; the question began at ``asked_ms``."""
        if pressed_ms - asked_ms < self._parameters.ended_ms:
            return True
        before, longest_ms = self._before, properties.interdigit_timeout_ms
        return before is not None and pressed_ms - before.key_ms <= longest_ms

    def ends(self) -> None:
        """The terminating key: what comes after it is an entry of its own."""
        self._before = None

    def full(self) -> FullEntry:
        """This entry, which its last key made complete.

        Its next key comes about as fast as its others did; one that answers what is heard by then
        comes later.
        """
        by = self._parameters
        within_ms = min(by.no_sense_ms, max(by.quick_ms, int(self._longest_ms * by.slower)))
        return FullEntry(self._pressed_ms or 0, within_ms, self._secret)


class KeyTimer:
    """When a keyed entry is over."""

    def __init__(self, properties: Properties, parameters: KeyParameters = FITTED) -> None:
        self._properties = properties
        self._parameters = parameters
        self._due_ms: int | None = None

    def pressed(self, at_ms: int, answer: Answer, least_ms: int = 0) -> None:
        """A key arrived; ``answer`` is the grammar's to everything entered so far."""
        wait_ms = wait_after_key_ms(answer, self._properties, self._parameters)
        self._due_ms = at_ms + max(least_ms, wait_ms)

    def stop(self) -> None:
        """The caller speaks on: speech time-outs rule now."""
        self._due_ms = None

    @property
    def running(self) -> bool:
        """Whether another key, or its absence, is awaited."""
        return self._due_ms is not None

    def over(self, at_ms: int) -> bool:
        """Whether the entry is over by this time."""
        return self._due_ms is not None and at_ms >= self._due_ms


def ends_entry(key: str, properties: Properties) -> bool:
    """Whether this key is the terminator of an entry that has begun."""
    return key == properties.termchar
