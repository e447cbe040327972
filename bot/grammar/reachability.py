"""Decides which arcs can still lead to a value of an allowed length.

Values are made by concatenation only, so the registers' lengths suffice: values are discarded and
lengths are capped at one over the largest limit, which leaves a finite graph that is searched once
per configuration. Nothing here stores a digit.
"""

from __future__ import annotations

from functools import cached_property

from bot.grammar.length_limits import ANY_LENGTH, Length
from bot.grammar.transducer import Arc, Registers, Template, Transducer

_Sizes = tuple[int, ...]
_Configuration = tuple[int, _Sizes]


class Horizon:
    """Reachability in one network under one limit on the whole value's length."""

    def __init__(self, network: Transducer, length: Length) -> None:
        self._network = network
        self._length = length
        limits = [length, *(limit for _, limit in network.guards())]
        self._cap = max(max(limit.least, limit.most or 0) for limit in limits) + 1
        self._unlimited = all(limit == ANY_LENGTH for limit in limits)
        self._can_end: dict[_Configuration, bool] = {}
        self._ways: dict[_Configuration, tuple[Arc, ...]] = {}
        self._distinct = tuple(
            tuple(dict.fromkeys(arc for arcs in table.values() for arc in arcs))
            for table in network.arcs
        )

    @cached_property
    def _steps(self) -> tuple[tuple[Arc, ...], ...]:
        """Return the arcs with their letters blanked, without duplicates."""
        return tuple(
            tuple(dict.fromkeys(_without_letters(arc) for arc in arcs)) for arcs in self._distinct
        )

    def open(self, state: int, registers: Registers) -> bool:
        """Return whether this can become a value of allowed length, now or with more tokens."""
        return self._unlimited or self._search((state, self._sizes(registers)))

    def ways(self, state: int, registers: Registers) -> tuple[Arc, ...]:
        """Return the distinct arcs, over all tokens, after which a value is still reachable."""
        if self._unlimited:
            return self._distinct[state]
        configuration = (state, self._sizes(registers))
        known = self._ways.get(configuration)
        if known is None:
            known = tuple(
                arc
                for arc in self._distinct[state]
                if (after := self._follow(arc, configuration[1])) and self._search(after)
            )
            self._ways[configuration] = known
        return known

    def _sizes(self, registers: Registers) -> _Sizes:
        return tuple([min(len(value), self._cap) for value in registers])

    def _size(self, template: Template, sizes: _Sizes) -> int:
        whole = sum(len(part) if isinstance(part, str) else sizes[part] for part in template)
        return min(whole, self._cap)

    def _follow(self, arc: Arc, sizes: _Sizes) -> _Configuration | None:
        if not all(limit.allows(self._size(value, sizes)) for value, limit in arc.guards):
            return None
        return arc.target, tuple([self._size(template, sizes) for template in arc.updates])

    def _ends(self, configuration: _Configuration) -> bool:
        state, sizes = configuration
        return any(
            self._length.allows(self._size(final.value, sizes))
            and all(limit.allows(self._size(value, sizes)) for value, limit in final.guards)
            for final in self._network.finals[state]
        )

    def _search(self, start: _Configuration) -> bool:
        """Search depth-first until an end is found; decide each configuration once."""
        if start in self._can_end:
            return self._can_end[start]
        parents: dict[_Configuration, _Configuration | None] = {start: None}
        stack = [start]
        while stack:
            configuration = stack.pop()
            if self._can_end.get(configuration) or self._ends(configuration):
                self._mark_path(configuration, parents)
                return True
            for arc in self._steps[configuration[0]]:
                after = self._follow(arc, configuration[1])
                if after and after not in parents and self._can_end.get(after) is not False:
                    parents[after] = configuration
                    stack.append(after)
        self._can_end.update(dict.fromkeys(parents, False))
        return False

    def _mark_path(
        self, end: _Configuration, parents: dict[_Configuration, _Configuration | None]
    ) -> None:
        step: _Configuration | None = end
        while step is not None:
            self._can_end[step] = True
            step = parents[step]


def _without_letters(arc: Arc) -> Arc:
    return Arc(
        tuple((_blank(template), limit) for template, limit in arc.guards),
        tuple(_blank(template) for template in arc.updates),
        arc.target,
    )


def _blank(template: Template) -> Template:
    return tuple("." * len(part) if isinstance(part, str) else part for part in template)
