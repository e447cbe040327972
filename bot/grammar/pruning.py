"""Removes from a transducer what cannot matter: dead ends, and registers that nobody reads."""

from __future__ import annotations

from collections.abc import Iterable

from bot.grammar.transducer import Arc, Final, Guard, Template, Transducer


def prune(network: Transducer) -> Transducer:
    """Return the same language and values with fewer arcs and registers; states keep their
    numbers.
    """
    return _without_unread_registers(_without_dead_ends(network))


def spelled_with(network: Transducer, alphabet: str) -> Transducer:
    """Return the same network without the paths that write any other character into a value."""

    def allows(template: Template) -> bool:
        return all(set(part) <= set(alphabet) for part in template if isinstance(part, str))

    tables = tuple(
        {
            word: kept
            for word, arcs in table.items()
            if (kept := tuple(arc for arc in arcs if all(map(allows, arc.updates))))
        }
        for table in network.arcs
    )
    finals = tuple(tuple(f for f in found if allows(f.value)) for found in network.finals)
    return prune(Transducer(tables, finals))


def _without_dead_ends(network: Transducer) -> Transducer:
    alive = {state for state, finals in enumerate(network.finals) if finals}
    growing = True
    while growing:
        grown = alive | {
            state
            for state, table in enumerate(network.arcs)
            if any(arc.target in alive for arcs in table.values() for arc in arcs)
        }
        growing = grown != alive
        alive = grown
    tables = [
        {word: tuple(arc for arc in arcs if arc.target in alive) for word, arcs in table.items()}
        for table in network.arcs
    ]
    kept = tuple({word: arcs for word, arcs in table.items() if arcs} for table in tables)
    return Transducer(kept, network.finals)


def _without_unread_registers(network: Transducer) -> Transducer:
    read = _read_registers(network)
    order = [{old: new for new, old in enumerate(sorted(registers))} for registers in read]

    def renumber(template: Template, state: int) -> Template:
        return tuple(p if isinstance(p, str) else order[state][p] for p in template)

    def guards(given: tuple[Guard, ...], state: int) -> tuple[Guard, ...]:
        return tuple((renumber(template, state), length) for template, length in given)

    def arc(given: Arc, state: int) -> Arc:
        updates = tuple(renumber(given.updates[old], state) for old in order[given.target])
        return Arc(guards(given.guards, state), updates, given.target)

    return Transducer(
        tuple(
            {w: tuple(dict.fromkeys(arc(a, state) for a in arcs)) for w, arcs in table.items()}
            for state, table in enumerate(network.arcs)
        ),
        tuple(
            tuple(Final(guards(f.guards, state), renumber(f.value, state)) for f in finals)
            for state, finals in enumerate(network.finals)
        ),
    )


def _read_registers(network: Transducer) -> list[set[int]]:
    """Return, per state, the registers that a value or a guard still depends on (liveness, fixed
    point).
    """
    ways = [{arc for arcs in table.values() for arc in arcs} for table in network.arcs]
    backward = list(enumerate(ways))[::-1]
    read: list[set[int]] = [set() for _ in network.arcs]
    for state, finals in enumerate(network.finals):
        for final in finals:
            read[state] |= _registers([final.value, *(template for template, _ in final.guards)])
    growing = True
    while growing:
        growing = False
        for state, arcs in backward:
            before = len(read[state])
            for arc in arcs:
                needed = [arc.updates[index] for index in read[arc.target]]
                needed += [template for template, _ in arc.guards]
                read[state] |= _registers(needed)
            growing |= len(read[state]) > before
    return read


def _registers(templates: Iterable[Template]) -> set[int]:
    return {part for template in templates for part in template if isinstance(part, int)}
