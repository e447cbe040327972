"""Tags: the subset of W3C Semantic Interpretation 1.0 that grammars here may use.

    script     = statement *(";" statement) [";"]
    statement  = "out" ("=" / "+=") term *("+" term)
    term       = string / "out" / "rules.latest()" / "rules." name
    string     = ECMAScript string in single or double quotes; escapes \\\\ \\' \\" only

Every value is a string. It is parsed, never evaluated as ECMAScript; anything else is refused.
Within the subset the meaning is the standard's, so another SRGS engine reads the same values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.grammar.xml_reader import Place


@dataclass(frozen=True, slots=True)
class Literal:
    """A string constant."""

    text: str


@dataclass(frozen=True, slots=True)
class Own:
    """``out``: the value of this rule so far."""


@dataclass(frozen=True, slots=True)
class Latest:
    """``rules.latest()``: the value of the reference matched last in this rule."""


@dataclass(frozen=True, slots=True)
class RuleValue:
    """``rules.name``: the value of the latest match of that rule in this rule."""

    name: str


Term = Literal | Own | Latest | RuleValue
Assignment = tuple[Term, ...]
"""``out`` becomes the concatenation of the terms."""
Script = tuple[Assignment, ...]

_TOKEN = re.compile(
    r"""\s*(?: (?P<string>'(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*")
             | (?P<name>[A-Za-z_$][\w$]*)
             | (?P<sign>\+=|[=+;.()])
             | (?P<end>$) )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")


def parse_literal(text: str) -> Script:
    """Read a tag of the format semantics/1.0-literals: its text is the value."""
    return ((Literal(text.strip()),),)


def parse_script(text: str, place: Place) -> Script:
    """Read a tag of the format semantics/1.0. Raises GrammarError."""
    return _Parser(text, place).script()


class _Parser:
    def __init__(self, text: str, place: Place) -> None:
        self._place = place
        self._tokens = self._scan(text)
        self._next = next(self._tokens)

    def script(self) -> Script:
        assignments = []
        while self._next:
            if self._next != ";":
                assignments.append(self._statement())
            if self._next:
                self._expect(";")
        return tuple(assignments)

    def _scan(self, text: str) -> Iterator[str]:
        position = 0
        while True:
            found = _TOKEN.match(text, position)
            if found is None:
                unknown = text[position:].strip()[:20]
                raise self._place.error(f"tag: {unknown!r} is not supported")
            position = found.end()
            yield found.group(found.lastgroup or "end")
            if found.lastgroup == "end":
                return

    def _advance(self) -> str:
        token, self._next = self._next, next(self._tokens, "")
        return token

    def _expect(self, *wanted: str) -> str:
        if self._next not in wanted:
            found = self._next or "the end of the tag"
            raise self._place.error(f"tag: expected {' or '.join(wanted)}, found {found}")
        return self._advance()

    def _statement(self) -> Assignment:
        self._expect("out")
        terms: list[Term] = [Own()] if self._expect("=", "+=") == "+=" else []
        terms.append(self._term())
        while self._next == "+":
            self._advance()
            terms.append(self._term())
        return tuple(terms)

    def _term(self) -> Term:
        if self._next[:1] in ("'", '"'):
            return Literal(self._unquote(self._advance()))
        if self._expect("out", "rules", "a string") == "out":
            return Own()
        self._expect(".")
        name = self._advance()
        if not name.isidentifier():
            raise self._place.error("tag: rules. needs a rule name or latest()")
        if name != "latest":
            return RuleValue(name)
        self._expect("(")
        self._expect(")")
        return Latest()

    def _unquote(self, quoted: str) -> str:
        body = quoted[1:-1]
        for escape in _ESCAPE.finditer(body):
            if escape.group(1) not in "\\'\"":
                raise self._place.error(f"tag: escape {escape.group()} is not supported")
        return _ESCAPE.sub(r"\1", body)
