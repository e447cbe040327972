"""Compiles a rule's graph to a transducer's tables, without empty steps or tags."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import count

from bot.errors import GrammarError
from bot.grammar.expansions import Document, Rule
from bot.grammar.inlining import Assign, Enter, Inliner, Leave, Node, Operation, Spoken
from bot.grammar.library import Library
from bot.grammar.pruning import prune
from bot.grammar.sisr import LATEST, OUT, Assignment, Literal, Script
from bot.grammar.transducer import Arc, Final, Guard, Template, Transducer

MAX_PATHS = 200_000

Variables = dict[str, Template]
"""The contents of a frame's variables, in the order of the frame."""


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


@dataclass(slots=True)
class _Path:
    """The effects on the path from a state, in terms of that state's registers."""

    frames: tuple[Variables, ...]
    guards: tuple[Guard, ...] = ()

    def after(self, operation: Operation | None) -> _Path:
        """Return the path after one more operation."""
        frames, guards = self.frames, self.guards
        match operation:
            case Enter(frame):
                return _Path((*frames, dict.fromkeys(frame.variables, ())), guards)
            case Leave(rule, length):
                *outer, caller, called = frames
                if length.least or length.most is not None:
                    guards = (*guards, (called[OUT], length))
                return _Path((*outer, _with_result(caller, rule, called)), guards)
            case Assign(script):
                return _Path((*frames[:-1], _assigned(frames[-1], script)), guards)
            case Spoken(word, begins):
                before = () if begins else frames[-1][OUT]
                said = _join(before, (f" {word}" if before else word,))
                return _Path((*frames[:-1], {**frames[-1], OUT: said}), guards)
            case _:
                return self

    def registers(self) -> tuple[Template, ...]:
        """Return the contents of the registers of the state that the path has reached."""
        return tuple([value for frame in self.frames for value in frame.values()])


def _with_result(caller: Variables, rule: str, result: Variables) -> Variables:
    """Return the caller's variables once the referenced rule has this value."""
    after = dict(caller)
    for name in caller:
        whole, dot, part = name.partition(".")
        if whole in (LATEST, rule + "()"):
            after[name] = result.get(OUT + dot + part, ())
    return after


def _assigned(variables: Variables, script: Script) -> Variables:
    after = dict(variables)
    for assignment in script:
        after[assignment.target.name] = _concatenation(assignment, after)
    return after


def _concatenation(assignment: Assignment, variables: Variables) -> Template:
    whole: Template = ()
    for term in assignment.terms:
        if not isinstance(term, Literal):
            whole = _join(whole, variables[term.name])
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
        self._waiting = deque([start])
        self._arcs: list[dict[str, dict[Arc, None]]] = []
        self._finals: list[dict[Final, None]] = []

    def network(self) -> Transducer:
        while self._waiting:
            self._arcs.append({})
            self._finals.append({})
            self._explore(self._waiting.popleft())
        return Transducer(
            tuple({w: tuple(arcs) for w, arcs in table.items()} for table in self._arcs),
            tuple(tuple(finals) for finals in self._finals),
        )

    def _explore(self, state: Node) -> None:
        """Follow every path of empty steps from the state, preferred first."""
        stack = [(state, self._begun(state), frozenset([state]))]
        while stack:
            node, path, passed = stack.pop()
            self._paths += 1
            if self._paths > MAX_PATHS:
                raise GrammarError(
                    f"grammar has more than {MAX_PATHS} paths without words; simplify its options"
                )
            if node is self._end:
                self._finals[-1][Final(path.guards, path.frames[0][OUT])] = None
            further = []
            for step, target in node.steps:
                if isinstance(step, str):
                    self._add_arc(step, target, path)
                elif target not in passed:
                    further.append((target, path.after(step), passed | {target}))
            stack.extend(reversed(further))

    def _begun(self, state: Node) -> _Path:
        """Return the start: every variable is a separate register; at the start there are none."""
        index = count()
        begun = self._states[state] > 0
        return _Path(
            tuple(
                {name: (next(index),) if begun else () for name in frame.variables}
                for frame in state.frames
            )
        )

    def _add_arc(self, word: str, target: Node, path: _Path) -> None:
        """Take the token, and the only path after it up to the next choice or rule.

        So a state inside a rule has taken a token there: a rule's words so far are not empty.
        """
        while target is not self._end and len(target.steps) == 1:
            step, following = target.steps[0]
            if isinstance(step, str | Enter):
                break
            path = path.after(step)
            target = following
        if target not in self._states:
            self._states[target] = len(self._states)
            self._waiting.append(target)
        arc = Arc(path.guards, path.registers(), self._states[target])
        self._arcs[-1].setdefault(word, {})[arc] = None
