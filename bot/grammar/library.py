"""The documents of one folder together: references resolved, rules checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
)
from bot.grammar.sisr import Latest, Own, RuleValue, Term
from bot.grammar.srgs import read_document

SUFFIX = ".grxml"
MAX_RULES = 32
"""Inside one another; each may hold as many levels of elements as the parser lets it."""
OUT = "out"
LATEST = "latest"


class Library:
    """All grammar files of a folder, each parsed once and checked as a whole."""

    def __init__(self, documents: dict[str, Document]) -> None:
        self.documents = documents
        self._depths: dict[tuple[str, str], int] = {}
        for document in documents.values():
            for rule in document.rules.values():
                self._check_recursion(document, rule, ())
                self._check_values(document, rule)

    @classmethod
    def read(cls, folder: Path) -> Library:
        """Parse every .grxml file of the folder. Raises GrammarError naming file and line."""
        files = sorted(folder.glob("*" + SUFFIX)) if folder.is_dir() else []
        if not files:
            raise GrammarError(f"{folder} has no {SUFFIX} files")
        return cls({file.name: read_document(file) for file in files})

    def resolve(self, document: Document, reference: Reference) -> tuple[Document, Rule]:
        """Find the rule that a reference means. Raises GrammarError."""
        place = reference.place
        target = self.documents.get(reference.file or document.file)
        if target is None:
            raise place.error(f"grammar file {reference.file} does not exist")
        rule = target.rules.get(reference.rule or target.root)
        if rule is None:
            raise place.error(f"{target.file} has no rule {reference.rule}")
        if target is not document and not rule.public:
            raise place.error(f"rule {rule.name} of {target.file} is private")
        if target.mode != document.mode:
            raise place.error(
                f"{target.file} is a {target.mode} grammar, but this one is {document.mode}"
            )
        return target, rule

    def _check_recursion(
        self, document: Document, rule: Rule, above: tuple[tuple[str, str], ...]
    ) -> int:
        """How many rules are inside one another from this one on."""
        key = (document.file, rule.name)
        if key in self._depths:
            return self._depths[key]
        deepest = 0
        for reference in references(rule.expansion):
            target, inner = self.resolve(document, reference)
            if (target.file, inner.name) in (*above, key):
                raise reference.place.error(
                    f"rule {inner.name} refers to itself; recursion is not supported, use repeat"
                )
            if len(above) >= MAX_RULES:
                raise _too_deep(rule)
            deepest = max(deepest, self._check_recursion(target, inner, (*above, key)))
        if deepest >= MAX_RULES:
            raise _too_deep(rule)
        self._depths[key] = deepest + 1
        return deepest + 1

    def _check_values(self, document: Document, rule: Rule) -> None:
        if is_tagged(rule):
            if OUT not in self._defined(document, rule.expansion, frozenset()):
                raise rule.place.error(f"rule {rule.name} has a path that does not set out")
            return
        after = self._defined(document, rule.expansion, frozenset())
        if LATEST not in after and any(references(rule.expansion)):
            raise rule.place.error(
                f"rule {rule.name} has paths with and without a reference; add tags to it"
            )

    def _defined(
        self, document: Document, expansion: Expansion, before: frozenset[str]
    ) -> frozenset[str]:
        """What is surely set after the expansion; a tag that reads what may be unset is a fault."""
        match expansion:
            case Sequence(items):
                for item in items:
                    before = self._defined(document, item, before)
                return before
            case OneOf(alternatives):
                after = [self._defined(document, item, before) for item in alternatives]
                return frozenset.intersection(*after) if after else before | {OUT, LATEST}
            case Repeat(inner, least, _):
                after_one = self._defined(document, inner, before)
                return after_one if least else before
            case Reference():
                return before | {LATEST, self.resolve(document, expansion)[1].name + "()"}
            case Tag():
                return self._after_tag(expansion, before)
            case _:
                return before

    def _after_tag(self, tag: Tag, before: frozenset[str]) -> frozenset[str]:
        for assignment in tag.script:
            for term in assignment:
                needed = variable(term)
                if needed is not None and needed not in before:
                    raise tag.place.error(
                        f"tag: {_NAMES.get(needed, needed)} might not be set here"
                    )
            before |= {OUT}
        return before


def _too_deep(rule: Rule) -> GrammarError:
    return rule.place.error(f"more than {MAX_RULES} nested rules")


_NAMES = {OUT: "out (first write out = '';)", LATEST: "rules.latest()"}


def variable(term: Term) -> str | None:
    """The variable that a term reads: out, latest, or the rule's name with ()."""
    match term:
        case Own():
            return OUT
        case Latest():
            return LATEST
        case RuleValue(name):
            return name + "()"
        case _:
            return None


def references(expansion: Expansion) -> Iterator[Reference]:
    """Every reference inside, in document order."""
    match expansion:
        case Reference():
            yield expansion
        case Sequence(items) | OneOf(items):
            for item in items:
                yield from references(item)
        case Repeat(inner, _, _):
            yield from references(inner)
        case _:
            pass


def tags(expansion: Expansion) -> Iterator[Tag]:
    """Every tag inside, in document order."""
    match expansion:
        case Tag():
            yield expansion
        case Sequence(items) | OneOf(items):
            for item in items:
                yield from tags(item)
        case Repeat(inner, _, _):
            yield from tags(inner)
        case _:
            pass


def is_tagged(rule: Rule) -> bool:
    """Whether the rule sets its value itself."""
    return any(tags(rule.expansion))
