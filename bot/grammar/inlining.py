"""Builds one graph of a rule: references inlined, choices and repeats as empty steps.

The construction is Thompson's (1968). If the source of a rule's value depends on the path, the
graph has the rule's nodes once for each source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.errors import GrammarError
from bot.grammar.expansions import (
    ANY,
    Document,
    Expansion,
    OneOf,
    Reference,
    Repeat,
    Rule,
    Sequence,
    Tag,
    Word,
)
from bot.grammar.length_limits import Length
from bot.grammar.library import Library
from bot.grammar.sisr import LATEST, OUT, PASS_ON, Script, Variable
from bot.grammar.values import Source, only_source, source_of, sources, tags

MAX_NODES = 50_000


@dataclass(frozen=True, slots=True)
class Frame:
    """A rule being matched: its name and the variables that its tags read or write."""

    rule: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enter:
    """A referenced rule begins."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Leave:
    """A referenced rule ends; its value must have this length."""

    rule: str
    length: Length


@dataclass(frozen=True, slots=True)
class Assign:
    """A tag."""

    script: Script


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word becomes part of the rule's default value."""

    word: str
    begins: bool
    """Marks that nothing of the value comes before it."""


Operation = Enter | Leave | Assign | Spoken


@dataclass(slots=True, eq=False)
class Node:
    """A point between tokens. Steps are tried in order: preferred first."""

    frames: tuple[Frame, ...]
    steps: list[tuple[Operation | str | None, Node]] = field(default_factory=list)


class Inliner:
    """Builds the graph of one rule; ``start`` to ``end``."""

    def __init__(self, library: Library, document: Document, rule: Rule) -> None:
        self._library = library
        self._count = 0
        self._frames: dict[tuple[str, str], tuple[Frame, Source | None]] = {}
        frame, fixed = self._frame(document, rule)
        self.start = self._node((frame,))
        self.end = self._rule(document, rule, fixed, self.start)

    def _node(self, frames: tuple[Frame, ...]) -> Node:
        self._count += 1
        if self._count > MAX_NODES:
            raise GrammarError(f"grammar expands to more than {MAX_NODES} steps")
        return Node(frames)

    def _frame(self, document: Document, rule: Rule) -> tuple[Frame, Source | None]:
        """Return the rule's frame, and the source of its value if that is the same on every
        path.
        """
        key = (document.file, rule.name)
        if key not in self._frames:
            self._frames[key] = (_frame(rule), only_source(rule))
        return self._frames[key]

    def _rule(self, document: Document, rule: Rule, fixed: Source | None, start: Node) -> Node:
        body = _Body(self, document, fixed)
        ends = body.build(rule.expansion, {Source.NOTHING if fixed is None else fixed: start})
        return self.join(start, ends.values())

    def join(self, like: Node, ends: Iterable[Node]) -> Node:
        """Return a new node after all of these, or the only one of them."""
        found = list(ends)
        if len(found) == 1:
            return found[0]
        joined = self.node(like)
        for end in found:
            end.steps.append((None, joined))
        return joined

    def node(self, like: Node) -> Node:
        """Return a new node within the same rule."""
        return self._node(like.frames)

    def refer(self, document: Document, reference: Reference, start: Node) -> Node:
        """Inline the referenced rule after ``start``; return where it ends."""
        target, rule = self._library.resolve(document, reference)
        frame, fixed = self._frame(target, rule)
        inside = self._node((*start.frames, frame))
        start.steps.append((Enter(frame), inside))
        inner_end = self._rule(target, rule, fixed, inside)
        end = self.node(start)
        inner_end.steps.append((Leave(rule.name, reference.length), end))
        return end


def _frame(rule: Rule) -> Frame:
    used = {OUT}
    for tag in tags(rule.expansion):
        for assignment in tag.script:
            read = [term.name for term in assignment.terms if isinstance(term, Variable)]
            used |= {assignment.target.name, *read}
    if Source.REFERENCE in sources(rule.expansion):
        used.add(LATEST)
    return Frame(rule.name, tuple(sorted(used)))


_Places = dict[Source, Node]
"""The ends of paths, by the source of their value so far."""


@dataclass(frozen=True, slots=True)
class _Body:
    """One rule's expansion under construction."""

    inliner: Inliner
    document: Document
    fixed: Source | None
    """Return the source of the rule's value on every path; None if it depends on the path."""

    def build(self, expansion: Expansion, starts: _Places) -> _Places:
        """Build the expansion after each start; return where its paths end."""
        match expansion:
            case Sequence(items):
                for item in items:
                    starts = self.build(item, starts)
                return starts
            case OneOf(alternatives):
                return self._choice(alternatives, starts)
            case Repeat():
                return self._repeat(expansion, starts)
            case _:
                return self._join(self._single(expansion, *start) for start in starts.items())

    def _single(self, expansion: Expansion, source: Source, start: Node) -> tuple[Source, Node]:
        after = self.fixed or max(source, source_of(expansion))
        return after, self._end(expansion, source, after, start)

    def _end(self, expansion: Expansion, before: Source, after: Source, start: Node) -> Node:
        match expansion:
            case Reference():
                end = self.inliner.refer(self.document, expansion, start)
                return self._step(end, Assign(PASS_ON)) if after is Source.REFERENCE else end
            case Tag(script, _):
                return self._step(start, Assign(script))
            case Word(text):
                end = self._step(start, text)
                told = after is Source.WORDS and text != ANY
                return self._step(end, Spoken(text, before < after)) if told else end
            case _:
                raise AssertionError(expansion)

    def _step(self, start: Node, step: Operation | str | None) -> Node:
        end = self.inliner.node(start)
        start.steps.append((step, end))
        return end

    def _join(self, found: Iterable[tuple[Source, Node]]) -> _Places:
        ends: _Places = {}
        together: dict[Source, list[Node]] = {}
        for source, node in found:
            together.setdefault(source, []).append(node)
        for source, nodes in together.items():
            ends[source] = self.inliner.join(nodes[0], nodes)
        return ends

    def _connect(self, end: tuple[Source, Node], ends: _Places) -> None:
        """Let a path end where others with the same source end."""
        source, node = end
        if source not in ends:
            ends[source] = self.inliner.node(node)
        node.steps.append((None, ends[source]))

    def _choice(self, alternatives: tuple[Expansion, ...], starts: _Places) -> _Places:
        ends: _Places = {}
        for alternative in alternatives:
            begun = {source: self._step(start, None) for source, start in starts.items()}
            for end in self.build(alternative, begun).items():
                self._connect(end, ends)
        return ends

    def _repeat(self, repeat: Repeat, starts: _Places) -> _Places:
        for _ in range(repeat.least):
            starts = self.build(repeat.inner, starts)
        if repeat.most is None:
            return self._loop(repeat.inner, starts)
        ends: _Places = {}
        for _ in range(repeat.most - repeat.least):
            inside = {source: self._step(start, None) for source, start in starts.items()}
            for end in starts.items():
                self._connect(end, ends)
            starts = self.build(repeat.inner, inside)
        for end in starts.items():
            self._connect(end, ends)
        return ends

    def _loop(self, inner: Expansion, starts: _Places) -> _Places:
        """Order the sources: they only rise, so each is complete once those below it are built."""
        again: _Places = {}
        ends: _Places = {}
        for start in starts.items():
            self._connect(start, again)
        for source in Source:
            if source in again:
                inside = self._step(again[source], None)
                self._connect((source, again[source]), ends)
                for end in self.build(inner, {source: inside}).items():
                    self._connect(end, again)
        return ends
