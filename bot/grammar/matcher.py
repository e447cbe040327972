"""Runs tokens through a Transducer: all readings at once, in order of preference.

What a reading can still become depends only on its state and the lengths of its values. So a few of
the readings that agree in both are enough, and the work per token is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bot.grammar.expansions import ANY
from bot.grammar.length_limits import Length
from bot.grammar.match_result import Answer, Reading
from bot.grammar.reachability import Horizon
from bot.grammar.transducer import Registers, Transducer, fill, follow, passes
from bot.types import Following

MAX_ALIKE = 8
"""Readings kept that agree in state and lengths, preferred first; a number has one or two."""
MAX_FORESIGHT = 512
"""Most configurations examined to tell MATCH from MAX; beyond that, the answer is MATCH."""

_Readings = dict[tuple[int, Registers], None]
_NO = Reading(Answer.NO)


class Matcher:
    """One network under one limit on the length of its value."""

    def __init__(self, network: Transducer, length: Length) -> None:
        self.network = network
        self.length = length
        self.words = frozenset(network.words())
        self.horizon = Horizon(network, length)

    def match(self, tokens: Sequence[str]) -> Reading:
        """Return how far the tokens got and what they mean."""
        readings: _Readings = {(0, ()): None}
        if not self.horizon.open(0, ()):
            return _NO
        history = [readings]
        for token in tokens:
            readings = self._advance(readings, token)
            if not readings:
                return _NO
            history.append(readings)
        values = self._values(readings)
        if not values:
            return Reading(Answer.POTENTIAL, partial=self._partial(history))
        answer = Answer.MATCH if self._may_change(readings, values) else Answer.MAX
        return Reading(answer, values)

    def after(self, tokens: Sequence[str]) -> Following:
        """Return the words that may follow these; without any if no entry begins with them."""
        readings: _Readings = {(0, ()): None}
        for token in tokens:
            readings = self._advance(readings, token)
        words = (word for state, _ in readings for word in self.network.arcs[state])
        complete = any(True for reading in readings for _ in self.values(*reading))
        return Following(tuple(dict.fromkeys(word for word in words if word != ANY)), complete)

    def values(self, state: int, registers: Registers) -> Iterator[str]:
        """Return the values of the readings that end here, preferred first."""
        for final in self.network.finals[state]:
            value = fill(final.value, registers)
            if self.length.allows(len(value)) and passes(final.guards, registers):
                yield value

    def _advance(self, readings: _Readings, token: str) -> _Readings:
        after: _Readings = {}
        for state, registers in readings:
            table = self.network.arcs[state]
            for arc in table.get(token, ()) + table.get(ANY, ()):
                if arc.guards and not passes(arc.guards, registers):
                    continue
                key = (arc.target, follow(arc, registers))
                if key not in after and self.horizon.open(*key):
                    after[key] = None
        return after if len(after) <= MAX_ALIKE else _thinned(after)

    def _values(self, readings: _Readings) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v for reading in readings for v in self.values(*reading)))

    def _partial(self, history: list[_Readings]) -> tuple[str, ...]:
        """Return the values, of any length, of the longest beginning that has one."""
        for readings in reversed(history):
            values = {
                fill(final.value, registers): None
                for state, registers in readings
                for final in self.network.finals[state]
            }
            if values:
                return tuple(value for value in values if value)
        return ()

    def _may_change(self, readings: _Readings, values: tuple[str, ...]) -> bool:
        """Return True if some continuation is complete with a value that is not yet among these."""
        seen = dict(readings)
        stack = list(readings)
        while stack:
            state, registers = stack.pop()
            for arc in self.horizon.ways(state, registers):
                if arc.guards and not passes(arc.guards, registers):
                    continue
                further = (arc.target, follow(arc, registers))
                if further in seen:
                    continue
                if len(seen) == MAX_FORESIGHT or any(
                    value not in values for value in self.values(*further)
                ):
                    return True
                seen[further] = None
                stack.append(further)
        return False


def _thinned(readings: _Readings) -> _Readings:
    alike: Counter[tuple[int, tuple[int, ...]]] = Counter()
    kept: _Readings = {}
    for state, registers in readings:
        group = (state, tuple([len(value) for value in registers]))
        alike[group] += 1
        if alike[group] <= MAX_ALIKE:
            kept[state, registers] = None
    return kept
