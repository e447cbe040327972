"""Compiles a rule's graph to a transducer's tables, in which no empty steps or tags are left."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import GrammarError
from bot.grammar.expansions import Document, Rule
from bot.grammar.inlining import Assign, Enter, Inliner, Leave, Node, Operation, Spoken
from bot.grammar.library import Library
from bot.grammar.pruning import prune
from bot.grammar.sisr import LATEST, OUT, Assignment, Literal
from bot.grammar.transducer import Arc, Final, Guard, Template, Transducer

MAX_PATHS = 200_000

Variable = tuple[int, str]
"""A variable of the frame at this depth (0 is the root rule)."""


def compile_rule(library: Library, document: Document, rule: Rule) -> Transducer:
    """Compile one rule.

    Raises GrammarError if it is too large, nothing can match it, or it has no single value.
    """
    library.values.check_whole(document, rule)
    try:
        graph = Inliner(library, document, rule)
    except RecursionError:
        raise GrammarError("rules and their elements are nested too deeply") from None
    network = prune(_Tables(graph.start, graph.end).network())
    if not network.arcs[0]:
        raise GrammarError("nothing can match this rule")
    return network


@dataclass(frozen=True, slots=True)
class _Path:
    """What happened on the way from a state, in terms of that state's registers."""

    values: dict[Variable, Template]
    guards: tuple[Guard, ...] = ()

    def after(self, operation: Operation | None, node: Node) -> _Path:
        """The path one operation further, begun at the node."""
        depth = len(node.frames) - 1
        match operation:
            case Enter(frame):
                fresh: dict[Variable, Template] = {
                    (depth + 1, name): () for name in frame.variables
                }
                return _Path({**self.values, **fresh}, self.guards)
            case Leave(length):
                return self._left(node, depth, Leave(length))
            case Assign(script):
                values = dict(self.values)
                for assignment in script:
                    target = assignment.target.name
                    values[depth, target] = _concatenation(assignment, values, depth)
                return _Path(values, self.guards)
            case Spoken(word, begins):
                before = () if begins else self.values[depth, OUT]
                said = _join(before, (f" {word}" if before else word,))
                return _Path({**self.values, (depth, OUT): said}, self.guards)
            case _:
                return self

    def _left(self, node: Node, depth: int, leave: Leave) -> _Path:
        value = self.values[depth, OUT]
        values = {key: kept for key, kept in self.values.items() if key[0] < depth}
        for name in node.frames[depth - 1].variables:
            whole, dot, part = name.partition(".")
            if whole in (LATEST, node.frames[depth].rule + "()"):
                values[depth - 1, name] = self.values.get((depth, OUT + dot + part), ())
        limited = leave.length.least > 0 or leave.length.most is not None
        guards = (*self.guards, (value, leave.length)) if limited else self.guards
        return _Path(values, guards)


def _concatenation(
    assignment: Assignment, values: dict[Variable, Template], depth: int
) -> Template:
    whole: Template = ()
    for term in assignment.terms:
        if not isinstance(term, Literal):
            whole = _join(whole, values[depth, term.name])
        elif term.text:
            whole = _join(whole, (term.text,))
    return whole


def _join(first: Template, second: Template) -> Template:
    if first and second and isinstance(first[-1], str) and isinstance(second[0], str):
        return (*first[:-1], first[-1] + second[0], *second[1:])
    return first + second


class _Tables:
    def __init__(self, start: Node, end: Node) -> None:
        self._end = end
        self._paths = 0
        self._states: dict[Node, int] = {start: 0}
        self._arcs: list[dict[str, dict[Arc, None]]] = []
        self._finals: list[dict[Final, None]] = []

    def network(self) -> Transducer:
        waiting = list(self._states)
        while waiting:
            node = waiting.pop(0)
            known = len(self._states)
            self._arcs.append({})
            self._finals.append({})
            self._explore(node)
            waiting.extend(list(self._states)[known:])
        return Transducer(
            tuple({w: tuple(arcs) for w, arcs in table.items()} for table in self._arcs),
            tuple(tuple(finals) for finals in self._finals),
        )

    def _explore(self, state: Node) -> None:
        """Follow every way of empty steps from the state, preferred first."""
        registers: dict[Variable, Template] = {
            key: (index,) for index, key in enumerate(_layout(state))
        }
        if self._states[state] == 0:
            registers = dict.fromkeys(registers, ())
        stack = [(state, _Path(registers), frozenset([state]))]
        while stack:
            node, path, passed = stack.pop()
            self._paths += 1
            if self._paths > MAX_PATHS:
                raise GrammarError(
                    f"grammar has more than {MAX_PATHS} paths without words; simplify its options"
                )
            if node is self._end:
                self._finals[-1][Final(path.guards, path.values[0, OUT])] = None
            further = []
            for step, target in node.steps:
                if isinstance(step, str):
                    self._add_arc(step, target, path)
                elif target not in passed:
                    further.append((target, path.after(step, node), passed | {target}))
            stack.extend(reversed(further))

    def _add_arc(self, word: str, target: Node, path: _Path) -> None:
        """Take the token, and the only way after it up to the next choice or rule.

        A state inside a rule has thus taken a token there: a rule's words so far are not empty.
        """
        while target is not self._end and len(target.steps) == 1:
            step, following = target.steps[0]
            if isinstance(step, str | Enter):
                break
            path = path.after(step, target)
            target = following
        number = self._states.setdefault(target, len(self._states))
        updates = tuple(path.values[key] for key in _layout(target))
        self._arcs[-1].setdefault(word, {})[Arc(path.guards, updates, number)] = None


def _layout(node: Node) -> list[Variable]:
    """Which variables are the registers of a state."""
    return [(depth, name) for depth, frame in enumerate(node.frames) for name in frame.variables]
