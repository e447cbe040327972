"""Expansions to a graph: references inlined, choices and repeats as empty steps (Thompson 1968)."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import GrammarError
from bot.grammar.expansions import (
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
from bot.grammar.library import LATEST, OUT, Library, is_tagged, references, tags, variable
from bot.grammar.sisr import Latest, Script

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

    length: Length


@dataclass(frozen=True, slots=True)
class Assign:
    """A tag."""

    script: Script


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word becomes part of the value of a rule without tags."""

    word: str


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
        frames = (self._frame(document, rule),)
        self.start = self._node(frames)
        self.end = self._rule(document, rule, self.start)

    def _node(self, frames: tuple[Frame, ...]) -> Node:
        self._count += 1
        if self._count > MAX_NODES:
            raise GrammarError(f"grammar expands to more than {MAX_NODES} steps")
        return Node(frames)

    def _frame(self, document: Document, rule: Rule) -> Frame:
        used = {OUT}
        for tag in tags(rule.expansion):
            for assignment in tag.script:
                used |= {name for term in assignment if (name := variable(term)) is not None}
        if not is_tagged(rule) and any(references(rule.expansion)):
            used.add(LATEST)
        return Frame(rule.name, tuple(sorted(used)))

    def _rule(self, document: Document, rule: Rule, start: Node) -> Node:
        untagged = not is_tagged(rule)
        by_words = untagged and not any(references(rule.expansion))
        return _Body(self, document, by_words, untagged and not by_words).build(
            rule.expansion, start
        )

    def node(self, like: Node) -> Node:
        """A new node within the same rule."""
        return self._node(like.frames)

    def refer(self, document: Document, reference: Reference, start: Node) -> Node:
        """Inline the referenced rule after ``start``; return where it ends."""
        target, rule = self._library.resolve(document, reference)
        frame = self._frame(target, rule)
        inside = self._node((*start.frames, frame))
        start.steps.append((Enter(frame), inside))
        inner_end = self._rule(target, rule, inside)
        end = self.node(start)
        inner_end.steps.append((Leave(reference.length), end))
        return end


@dataclass(frozen=True, slots=True)
class _Body:
    """One rule's expansion in the making; the flags give rules without tags their value."""

    inliner: Inliner
    document: Document
    by_words: bool
    by_latest: bool

    def build(self, expansion: Expansion, start: Node) -> Node:
        match expansion:
            case Word(text):
                end = self._step(start, text)
                return self._step(end, Spoken(text)) if self.by_words else end
            case Sequence(items):
                for item in items:
                    start = self.build(item, start)
                return start
            case OneOf(alternatives):
                return self._choice(alternatives, start)
            case Repeat():
                return self._repeat(expansion, start)
            case Reference():
                end = self.inliner.refer(self.document, expansion, start)
                return self._step(end, Assign(((Latest(),),))) if self.by_latest else end
            case Tag(script, _):
                return self._step(start, Assign(script))

    def _step(self, start: Node, step: Operation | str | None) -> Node:
        end = self.inliner.node(start)
        start.steps.append((step, end))
        return end

    def _choice(self, alternatives: tuple[Expansion, ...], start: Node) -> Node:
        end = self.inliner.node(start)
        for alternative in alternatives:
            self.build(alternative, self._step(start, None)).steps.append((None, end))
        return end

    def _repeat(self, repeat: Repeat, start: Node) -> Node:
        for _ in range(repeat.least):
            start = self.build(repeat.inner, start)
        if repeat.most is None:
            return self._loop(repeat.inner, start)
        end = self.inliner.node(start)
        for _ in range(repeat.most - repeat.least):
            inner = self._step(start, None)
            start.steps.append((None, end))
            start = self.build(repeat.inner, inner)
        start.steps.append((None, end))
        return end

    def _loop(self, inner: Expansion, start: Node) -> Node:
        again = self._step(start, None)
        end = self.inliner.node(start)
        inside = self._step(again, None)
        again.steps.append((None, end))
        self.build(inner, inside).steps.append((None, again))
        return end
