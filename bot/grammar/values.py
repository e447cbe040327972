"""Checks the values of rules: which values each path sets, and that tags read only what is set.

A path through a rule that executes a tag has the value that the tags set. A path without a tag has
the default value of Semantic Interpretation 1.0: that of its last reference, or else its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum, StrEnum

from bot.grammar.expansions import (
    ANY,
    Document,
    Expansion,
    OneOf,
    Reference,
    Repeat,
    Rule,
    Tag,
    Word,
)
from bot.grammar.expansions import Sequence as Row
from bot.grammar.sisr import LATEST, OUT, Literal, Variable
from bot.grammar.xml_reader import Place

Resolve = Callable[[Document, Reference], tuple[Document, Rule]]


class Source(IntEnum):
    """The source of a path's value so far; a later member wins."""

    NOTHING = 0
    WORDS = 1
    REFERENCE = 2
    TAGS = 3


class Kind(StrEnum):
    """The kinds of value that a variable may hold."""

    UNSET = "unset"
    TEXT = "text"
    NUMBER = "number"
    PARTS = "parts"


Kinds = frozenset[Kind]
State = Mapping[str, Kinds]
"""The kinds of each variable, by its name; a missing one is unset."""

UNSET: Kinds = frozenset([Kind.UNSET])
TEXT: Kinds = frozenset([Kind.TEXT])
PARTS: Kinds = frozenset([Kind.PARTS])


def references(expansion: Expansion) -> Iterator[Reference]:
    """Yield every reference inside, in document order."""
    for part in _walk(expansion):
        if isinstance(part, Reference):
            yield part


def tags(expansion: Expansion) -> Iterator[Tag]:
    """Yield every tag inside, in document order."""
    for part in _walk(expansion):
        if isinstance(part, Tag):
            yield part


def sources(
    expansion: Expansion, before: frozenset[Source] = frozenset([Source.NOTHING])
) -> frozenset[Source]:
    """Return the possible sources of the values of the paths through an expansion; empty without a
    path.
    """
    match expansion:
        case Row(items):
            for item in items:
                before = sources(item, before)
            return before
        case OneOf(alternatives):
            return frozenset[Source]().union(*(sources(item, before) for item in alternatives))
        case Repeat(inner, least, most):
            after = sources(inner, before) if most != 0 else before
            return after if least else before | after
        case _:
            return frozenset(max(source, source_of(expansion)) for source in before)


def source_of(part: Expansion) -> Source:
    """Return the source of a value that one word, reference, or tag creates."""
    match part:
        case Tag():
            return Source.TAGS
        case Reference():
            return Source.REFERENCE
        case Word(text) if text != ANY:
            return Source.WORDS
        case _:
            return Source.NOTHING


def only_source(rule: Rule) -> Source | None:
    """Return the source of the rule's value on every path; None if it depends on the path.

    A first word after GARBAGE counts as such a dependence, since no space precedes it.
    """
    garbage = any(part == Word(ANY) for part in _walk(rule.expansion))
    least = Source.NOTHING if garbage else Source.WORDS
    possible = {max(source, least) for source in sources(rule.expansion)}
    depends = len(possible) != 1 or (garbage and possible == {Source.WORDS})
    return None if depends else possible.pop()


class Values:
    """Checks rules and remembers their values; references must not form a circle."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._after: dict[tuple[str, str], State] = {}

    def after(self, document: Document, rule: Rule) -> State:
        """Return what ``out`` and its properties hold after the rule. Raises GrammarError at a
        faulty tag.
        """
        key = (document.file, rule.name)
        if key not in self._after:
            self._after[key] = self._value(rule, self._run(document, rule.expansion, {}))
        return self._after[key]

    def check_whole(self, document: Document, rule: Rule) -> None:
        """Raise GrammarError if the rule's value is not one string, as a field needs it."""
        if Kind.PARTS in self.after(document, rule)[OUT]:
            raise rule.place.error(
                f"rule {rule.name} gives parts (out.x), but a field needs one value: set out"
            )

    def _value(self, rule: Rule, state: State) -> State:
        """Return the rule's value: what its tags set, or the default value."""
        possible = sources(rule.expansion)
        whole: Kinds = frozenset()
        if possible & {Source.NOTHING, Source.WORDS}:
            whole |= TEXT
        if Source.REFERENCE in possible:
            whole |= state.get(LATEST, UNSET)
            if Kind.PARTS in whole:
                raise rule.place.error(
                    f"rule {rule.name} passes on parts (out.x) of another rule;"
                    " name them in a tag: out.x = rules.latest().x;"
                )
        if Source.TAGS in possible:
            whole |= state.get(OUT, UNSET)
        parts = {name: kinds for name, kinds in state.items() if name.startswith(OUT + ".")}
        return {OUT: whole - UNSET, **parts}

    def _run(self, document: Document, expansion: Expansion, before: State) -> State:
        match expansion:
            case Row(items):
                for item in items:
                    before = self._run(document, item, before)
                return before
            case OneOf(alternatives):
                states = [self._run(document, item, before) for item in alternatives]
                return _either(states) if states else before
            case Repeat():
                return self._repeat(document, expansion, before)
            case Reference():
                return self._refer(document, expansion, before)
            case Tag():
                return _tag(expansion, before)
            case _:
                return before

    def _repeat(self, document: Document, repeat: Repeat, before: State) -> State:
        """Repeat until nothing changes any more; there are only four kinds."""
        after = self._run(document, repeat.inner, before)
        known = _either([before, after])
        while (further := _either([known, self._run(document, repeat.inner, known)])) != known:
            known = further
        if not repeat.least:
            return known
        return (
            after
            if repeat.most == 1
            else _either([after, self._run(document, repeat.inner, known)])
        )

    def _refer(self, document: Document, reference: Reference, before: State) -> State:
        target, rule = self._resolve(document, reference)
        value = self.after(target, rule)
        names = (LATEST, rule.name + "()")
        kept = {
            name: kinds for name, kinds in before.items() if name.partition(".")[0] not in names
        }
        return kept | {
            name + variable.removeprefix(OUT): kinds
            for name in names
            for variable, kinds in value.items()
        }


def _walk(expansion: Expansion) -> Iterator[Word | Reference | Tag]:
    match expansion:
        case Row(items) | OneOf(items):
            for item in items:
                yield from _walk(item)
        case Repeat(inner, _, _):
            yield from _walk(inner)
        case _:
            yield expansion


def _either(states: list[State]) -> State:
    names = {name: None for state in states for name in state}
    return {name: frozenset[Kind]().union(*(s.get(name, UNSET) for s in states)) for name in names}


def _tag(tag: Tag, before: State) -> State:
    state = dict(before)
    for assignment in tag.script:
        kinds = _sum([_term(term, state, tag.place) for term in assignment.terms], tag.place)
        if assignment.target.name == OUT:
            state = {name: k for name, k in state.items() if not name.startswith(OUT + ".")}
        elif state.get(OUT, UNSET) - UNSET - PARTS:
            raise tag.place.error("tag: out may be one text already; use either out or out.x")
        else:
            state[OUT] = PARTS
        state[assignment.target.name] = kinds
    return state


def _term(term: Literal | Variable, state: State, place: Place) -> Kinds:
    if isinstance(term, Literal):
        return frozenset([Kind.NUMBER]) if term.number else TEXT
    kinds = state.get(term.name, UNSET)
    if Kind.UNSET in kinds:
        hint = " (first write out = '';)" if term.name == OUT else ""
        raise place.error(f"tag: {term} might not be set here{hint}")
    if Kind.PARTS in kinds:
        raise place.error(f"tag: {term} has parts; name one, as in {term}.x")
    return kinds


def _sum(terms: list[Kinds], place: Place) -> Kinds:
    """Return the kind of a concatenation; ECMAScript adds two numbers, which is rejected."""
    whole, *others = terms
    for other in others:
        if Kind.NUMBER in whole and Kind.NUMBER in other:
            raise place.error("tag: + would add two numbers; put them in quotes to join digits")
        whole = TEXT
    return whole
