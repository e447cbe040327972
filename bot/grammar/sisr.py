"""Tags: the subset of W3C Semantic Interpretation 1.0 that grammars may use here.

    script     = statement *(";" statement) [";"]
    statement  = target ("=" / "+=") term *("+" term)
    target     = "out" ["." name]
    term       = string / number / target / value ["." name]
    value      = "rules.latest()" / "rules." name
    string     = ECMAScript string in single or double quotes; escapes \\\\ \\' \\" only
    number     = decimal, or "true" / "false"

Scripts are parsed, never evaluated as ECMAScript, and anything else is refused. Within the subset
the meaning is the standard's, so another SRGS engine gets the same values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.grammar.xml_reader import Place

OUT = "out"
LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    text: str
    number: bool = False
    """A number, or true or false: ECMAScript would add two of them instead of joining them."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a tag reads or writes.

    ``out`` is the value of this rule so far, ``latest`` that of the reference matched last in this
    rule, ``name()`` that of the latest match of rule ``name``; ``.x`` after any of them is a
    property.
    """

    name: str

    def __str__(self) -> str:
        """The variable as tags spell it."""
        whole, dot, part = self.name.partition(".")
        if whole == LATEST:
            return f"rules.latest(){dot}{part}"
        return self.name if whole == OUT else f"rules.{whole.removesuffix('()')}{dot}{part}"


Term = Literal | Variable


@dataclass(frozen=True, slots=True)
class Assignment:
    """``target`` becomes the concatenation of the terms."""

    target: Variable
    terms: tuple[Term, ...]


Script = tuple[Assignment, ...]

PASS_ON: Script = (Assignment(Variable(OUT), (Variable(LATEST),)),)
"""Effect of a rule without tags after each reference."""

_TOKEN = re.compile(
    r"""\s*(?: (?P<string>'(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*")
             | (?P<name>[A-Za-z_$][\w$]*)
             | (?P<number>[0-9][\w.]*)
             | (?P<sign>\+=|[=+;.()])
             | (?P<end>$) )""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{0,8}[1-9])?|true|false")
"""Numbers that ECMAScript prints as they are written here."""


def parse_literal(text: str) -> Script:
    """Parse a ``semantics/1.0-literals`` tag: the value is its trimmed text."""
    return (Assignment(Variable(OUT), (Literal(text.strip()),)),)


def parse_script(text: str, place: Place) -> Script:
    """Parse a ``semantics/1.0`` tag. Raises GrammarError for anything outside the subset."""
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
        if not assignments:
            raise self._place.error("tag: sets nothing; write out = '';")
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
        target = Variable(OUT + self._part())
        terms: list[Term] = [target] if self._expect("=", "+=") == "+=" else []
        terms.append(self._term())
        while self._next == "+":
            self._advance()
            terms.append(self._term())
        return Assignment(target, tuple(terms))

    def _term(self) -> Term:
        if self._next[:1] in ("'", '"'):
            return Literal(self._unquote(self._advance()))
        if self._next[:1].isdigit() or self._next in ("true", "false"):
            return Literal(self._number(self._advance()), number=True)
        if self._expect("out", "rules", "a string", "a number") == "out":
            return Variable(OUT + self._part())
        self._expect(".")
        name = self._advance()
        if not name.isidentifier():
            raise self._place.error("tag: rules. needs a rule name or latest()")
        if name != LATEST:
            return Variable(f"{name}(){self._part()}")
        self._expect("(")
        self._expect(")")
        return Variable(LATEST + self._part())

    def _part(self) -> str:
        """Read ``.x`` if it is there."""
        if self._next != ".":
            return ""
        self._advance()
        name = self._advance()
        if not name.isidentifier() or self._next in (".", "("):
            raise self._place.error("tag: only parts such as out.x are supported after a dot")
        return f".{name}"

    def _number(self, text: str) -> str:
        if not _NUMBER.fullmatch(text):
            raise self._place.error(f"tag: the number {text} is not supported; put it in quotes")
        return text

    def _unquote(self, quoted: str) -> str:
        body = quoted[1:-1]
        for escape in _ESCAPE.finditer(body):
            if escape.group(1) not in "\\'\"":
                raise self._place.error(f"tag: escape {escape.group()} is not supported")
        return _ESCAPE.sub(r"\1", body)
