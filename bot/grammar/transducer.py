"""A grammar compiled to tables: a nondeterministic streaming string transducer.

Each state has, for each token, arcs that rewrite a few string registers (R. Alur and P. Cerny,
"Expressiveness of streaming string transducers", 2010). A register holds one rule's value so
far, so tags cost nothing but a concatenation when tokens come in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.grammar.expansions import ANY
from bot.grammar.length_limits import Length

Template = tuple[int | str, ...]
"""A value as a concatenation of registers (their index) and constants."""

Registers = tuple[str, ...]
Guard = tuple[Template, Length]
"""A value whose length must be within limits for the path to count."""


@dataclass(frozen=True, slots=True)
class Arc:
    """A transition on one token: how it rewrites the registers, and the state that it leads to."""

    guards: tuple[Guard, ...]
    updates: tuple[Template, ...]
    target: int


@dataclass(frozen=True, slots=True)
class Final:
    """One way to end in a state, with the value of the whole entry."""

    guards: tuple[Guard, ...]
    value: Template


@dataclass(frozen=True, slots=True)
class Transducer:
    """States are indices, 0 is the start (no registers); arcs and finals, preferred first."""

    arcs: tuple[dict[str, tuple[Arc, ...]], ...]
    finals: tuple[tuple[Final, ...], ...]

    def words(self) -> tuple[str, ...]:
        """Every token that the grammar names, in order of first use."""
        words = (word for table in self.arcs for word in table if word != ANY)
        return tuple(dict.fromkeys(words))

    def guards(self) -> Iterator[Guard]:
        """Every guard of the tables."""
        for table in self.arcs:
            for arcs in table.values():
                for arc in arcs:
                    yield from arc.guards
        for finals in self.finals:
            for final in finals:
                yield from final.guards


def fill(template: Template, registers: Registers) -> str:
    """Compute the value of a template."""
    if len(template) == 1:
        part = template[0]
        return part if isinstance(part, str) else registers[part]
    return "".join([part if isinstance(part, str) else registers[part] for part in template])


def passes(guards: tuple[Guard, ...], registers: Registers) -> bool:
    """Return True if every guarded value has an allowed length."""
    return all(length.allows(len(fill(template, registers))) for template, length in guards)


def follow(arc: Arc, registers: Registers) -> Registers:
    """Return the registers after the arc."""
    return tuple([fill(template, registers) for template in arc.updates])
