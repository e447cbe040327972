"""Reads W3C SRGS 1.0 XML (.grxml) into a Document; what it does not support it refuses.

Supported: rules, items, one-of with weights (as preference), repeats (n, n-m, n-), tokens,
references inside one folder, special NULL and VOID, examples, metadata (ignored), tags.
Refused, naming file and line: GARBAGE, repeat-prob, lexicon, foreign languages, xml:base,
other grammar media types, references to other hosts or folders.
"""

from __future__ import annotations

import re
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
    Word,
)
from bot.grammar.length_limits import split_uri
from bot.grammar.sisr import parse_literal, parse_script
from bot.grammar.xml_reader import Element, read_markup
from bot.types import KEYS, Mode

SRGS = "http://www.w3.org/2001/06/grammar"
MAX_REPEAT = 64
MEDIA_TYPES = ("application/srgs+xml",)

_ATTRIBUTES = {
    "grammar": {"version", "xml:lang", "mode", "root", "tag-format", "schemaLocation"},
    "rule": {"id", "scope"},
    "item": {"repeat", "weight", "xml:lang"},
    "one-of": {"xml:lang"},
    "ruleref": {"uri", "special", "type"},
    "token": {"xml:lang"},
    "tag": set[str](),
    "example": set[str](),
}
_LONGEST_REPEAT = 20
_REPEAT = re.compile(r"(\d+)(?:(-)(\d+)?)?")
_TOKENS = re.compile(r'"([^"]*)"|([^\s"]+)')
_RULE_NAME = re.compile(r"[^\W\d][\w-]*")


def read_document(path: Path) -> Document:
    """Parse one grammar file. Raises GrammarError naming file and line."""
    return _Reader(read_markup(path)).document()


class _Reader:
    def __init__(self, grammar: Element) -> None:
        self._grammar = grammar
        self._check(grammar, "grammar")
        self._mode = self._read_mode()
        self._language = grammar.attributes.get("xml:lang", "").lower()
        if self._mode == "voice" and not self._language:
            raise grammar.place.error("a voice grammar needs xml:lang")
        self._tag_format = grammar.attributes.get("tag-format")
        if self._tag_format not in (None, "semantics/1.0", "semantics/1.0-literals"):
            raise grammar.place.error("tag-format must be semantics/1.0 or semantics/1.0-literals")

    def document(self) -> Document:
        if self._grammar.attributes.get("version") != "1.0":
            raise self._grammar.place.error('version must be "1.0"')
        rules: dict[str, Rule] = {}
        for element in self._grammar.elements():
            if element.tag in ("meta", "metadata"):
                continue
            self._check(element, "rule")
            rule = self._rule(element)
            if rule.name in rules:
                raise element.place.error(f"rule {rule.name} is defined twice")
            rules[rule.name] = rule
        root = self._grammar.attributes.get("root", "")
        if root not in rules:
            raise self._grammar.place.error(f"root rule {root!r} is not defined")
        return Document(self._grammar.place.file, self._mode, root, rules)

    def _read_mode(self) -> Mode:
        mode = self._grammar.attributes.get("mode", "voice")
        if mode == "voice":
            return "voice"
        if mode == "dtmf":
            return "dtmf"
        raise self._grammar.place.error("mode must be voice or dtmf")

    def _rule(self, element: Element) -> Rule:
        name = element.attributes.get("id", "")
        if not _RULE_NAME.fullmatch(name) or name in ("NULL", "VOID", "GARBAGE"):
            raise element.place.error(f"{name!r} is not a valid rule name")
        scope = element.attributes.get("scope", "private")
        if scope not in ("public", "private"):
            raise element.place.error("scope must be public or private")
        examples = [child for child in element.inner_elements if child.tag == "example"]
        for example in examples:
            self._check(example, "example")
        body = [child for child in element.children if not _is_example(child)]
        return Rule(
            name=name,
            public=scope == "public" or name == self._grammar.attributes.get("root"),
            expansion=self._sequence(element, body),
            examples=tuple(" ".join(example.text.split()) for example in examples),
            place=element.place,
        )

    def _sequence(self, parent: Element, children: list[Element | str]) -> Expansion:
        items: list[Expansion] = []
        for child in children:
            if isinstance(child, Element):
                items.append(self._expansion(child))
            else:
                items.extend(self._words(parent, child))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _expansion(self, element: Element) -> Expansion:
        readers = {
            "item": self._item,
            "one-of": self._one_of,
            "ruleref": self._ruleref,
            "token": self._token,
            "tag": self._tag,
        }
        if element.tag not in readers:
            raise element.place.error(f"<{element.tag}> is not supported here")
        self._check(element, element.tag)
        return readers[element.tag](element)

    def _item(self, element: Element) -> Expansion:
        inner = self._sequence(element, element.children)
        repeat = element.attributes.get("repeat")
        if repeat is None:
            return inner
        found = _REPEAT.fullmatch(repeat.strip()) if len(repeat) <= _LONGEST_REPEAT else None
        if found is None:
            raise element.place.error(f"repeat {repeat!r} must be n, n-m, or n-")
        least = int(found[1])
        most = (int(found[3]) if found[3] else None) if found[2] else least
        if max(least, most or 0) > MAX_REPEAT:
            raise element.place.error(f"repeats over {MAX_REPEAT} are not supported")
        if most is not None and most < least:
            raise element.place.error(f"repeat {repeat!r} has a maximum below its minimum")
        return Repeat(inner, least, most)

    def _one_of(self, element: Element) -> Expansion:
        weighted = []
        for child in element.elements():
            if child.tag != "item":
                raise child.place.error("<one-of> may contain only <item>")
            weighted.append((self._weight(child), self._expansion(child)))
        if not weighted:
            raise element.place.error("<one-of> is empty")
        weighted.sort(key=lambda pair: -pair[0])
        return OneOf(tuple(expansion for _, expansion in weighted))

    def _weight(self, item: Element) -> float:
        text = item.attributes.get("weight", "1")
        if not re.fullmatch(r"\d+\.?\d*|\.\d+", text):
            raise item.place.error(f"weight {text!r} is not a positive number")
        return float(text)

    def _ruleref(self, element: Element) -> Expansion:
        special, uri = element.attributes.get("special"), element.attributes.get("uri")
        if (special is None) == (uri is None):
            raise element.place.error("<ruleref> needs either uri or special")
        if special == "NULL":
            return Sequence(())
        if special == "VOID":
            return OneOf(())
        if uri is None:
            raise element.place.error(f"special {special} is not supported")
        if element.attributes.get("type", MEDIA_TYPES[0]) not in MEDIA_TYPES:
            raise element.place.error(f"only {MEDIA_TYPES[0]} grammars can be referenced")
        try:
            file, length, rule = split_uri(uri.strip(), of_a_part=True)
        except GrammarError as error:
            raise element.place.error(str(error)) from None
        if not file and not rule:
            raise element.place.error("uri is empty")
        return Reference(file or None, rule, length, element.place)

    def _token(self, element: Element) -> Expansion:
        if any(isinstance(child, Element) for child in element.children):
            raise element.place.error("<token> may contain only text")
        words = tuple(self._words(element, element.text.replace('"', " ")))
        if not words:
            raise element.place.error("<token> is empty")
        return Sequence(words)

    def _tag(self, element: Element) -> Expansion:
        if self._tag_format is None:
            raise element.place.error("<tag> needs a tag-format on <grammar>")
        if self._tag_format == "semantics/1.0":
            return Tag(parse_script(element.text, element.place), element.place)
        return Tag(parse_literal(element.text), element.place)

    def _words(self, element: Element, text: str) -> Iterator[Word]:
        if text.count('"') % 2:
            raise element.place.error('a quotation mark (") is not closed')
        for quoted, bare in _TOKENS.findall(text):
            for word in (quoted or bare).lower().split():
                if self._mode == "dtmf" and (len(word) > 1 or word not in KEYS):
                    raise element.place.error(f"{word!r} is not a key; keys are {' '.join(KEYS)}")
                yield Word(word)

    def _check(self, element: Element, tag: str) -> None:
        if element.namespace != SRGS:
            raise element.place.error(f"<{element.tag}> is not in the namespace {SRGS}")
        if element.tag != tag:
            raise element.place.error(f"<{element.tag}> where <{tag}> is expected")
        unknown = sorted(set(element.attributes) - _ATTRIBUTES[tag])
        if unknown:
            raise element.place.error(f"<{tag}> attribute {unknown[0]} is not supported")
        language = element.attributes.get("xml:lang")
        if tag != "grammar" and language and language.lower() != self._language:
            raise element.place.error("a grammar can have only one language")


def _is_example(child: Element | str) -> bool:
    return isinstance(child, Element) and child.tag == "example"
