"""All documents of a folder: resolves references between them and checks their rules."""

from __future__ import annotations

from hashlib import file_digest
from pathlib import Path

from bot.errors import GrammarError
from bot.grammar.expansions import Document, Reference, Rule
from bot.grammar.srgs import read_document
from bot.grammar.values import Values, references

SUFFIX = ".grxml"
MAX_RULES = 32
"""Levels of nested rules; each may have as many levels of elements as the parser accepts."""


Contents = tuple[tuple[str, bytes], ...]
"""Of a folder's grammar files: their names and digests."""


def contents_of(folder: Path) -> Contents:
    """What a folder's grammars are made from. Raises OSError."""
    return tuple((file.name, _digest(file)) for file in sorted(folder.glob("*" + SUFFIX)))


def _digest(file: Path) -> bytes:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").digest()


class Library:
    """All grammar files of a folder, each parsed once and checked as a whole."""

    def __init__(self, documents: dict[str, Document]) -> None:
        self.documents = documents
        self.values = Values(self.resolve)
        self._depths: dict[tuple[str, str], int] = {}
        for document in documents.values():
            for rule in document.rules.values():
                self._check_recursion(document, rule, ())
                self.values.after(document, rule)

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
        name = reference.rule or target.root
        if name is None:
            raise place.error(f"{target.file} has no root rule; name one after #")
        rule = target.rules.get(name)
        if rule is None:
            raise place.error(f"{target.file} has no rule {name}")
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
        """Return the number of levels of rules from this one on; recursion is a fault."""
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


def _too_deep(rule: Rule) -> GrammarError:
    return rule.place.error(f"more than {MAX_RULES} nested rules")
