"""Reads W3C SRGS 1.0 XML (.grxml) into a Document, and rejects what it does not support.

Supported: rules, items, one-of with weights (as preference), repeats, tokens, references inside one
folder, the special rules NULL, VOID, and GARBAGE, tags, examples. Accepted but ignored: metadata,
lexicons (the model has the pronunciations), repeat-prob. docs/grammars.md lists what is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

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
from bot.grammar.length_limits import split_uri
from bot.grammar.sisr import parse_literal, parse_script
from bot.grammar.xml_reader import Element, read_markup
from bot.types import KEYS, Mode

SRGS = "http://www.w3.org/2001/06/grammar"
MAX_REPEAT = 64
MEDIA_TYPE = "application/srgs+xml"

_ATTRIBUTES = {
    "grammar": {"version", "xml:lang", "xml:base", "mode", "root", "tag-format"},
    "rule": {"id", "scope"},
    "item": {"repeat", "repeat-prob", "weight", "xml:lang"},
    "one-of": {"xml:lang"},
    "ruleref": {"uri", "special", "type"},
    "token": {"xml:lang"},
    "tag": set[str](),
    "example": set[str](),
}
_NOT_USED = {"meta", "metadata", "lexicon"}
_SPECIAL: dict[str, Expansion] = {
    "NULL": Sequence(()),
    "VOID": OneOf(()),
    "GARBAGE": Repeat(Word(ANY), 0, None),
}
_KEY_NAMES = {"star": "*", "pound": "#"}
"""SRGS, appendix E: names of keys in DTMF grammars."""
_LONGEST_REPEAT = 20
_REPEAT = re.compile(r"([0-9]+)(?:(-)([0-9]+)?)?")
_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
_TOKENS = re.compile(r'"([^"]*)"|([^\s"]+)')
_RULE_NAME = re.compile(r"[^\W\d]\w*")


def read_document(path: Path) -> Document:
    """Parse one grammar file. Raises GrammarError naming file and line."""
    return _Reader(read_markup(path)).document()


class _Reader:
    def __init__(self, grammar: Element) -> None:
        self._grammar = grammar
        self._check(grammar, "grammar")
        self._mode = self._read_mode()
        self._language = _primary(grammar.attributes.get("xml:lang", ""))
        if self._mode == "voice" and not self._language:
            raise grammar.place.error("a voice grammar needs xml:lang")
        self._tag_format = grammar.attributes.get("tag-format")

    def document(self) -> Document:
        if self._grammar.attributes.get("version") != "1.0":
            raise self._grammar.place.error('version must be "1.0"')
        rules: dict[str, Rule] = {}
        for element in self._grammar.elements():
            if element.namespace == SRGS and element.tag in _NOT_USED:
                continue
            if element.tag == "tag":
                raise element.place.error("<tag> is supported only inside a rule")
            self._check(element, "rule")
            rule = self._rule(element)
            if rule.name in rules:
                raise element.place.error(f"rule {rule.name} is defined twice")
            rules[rule.name] = rule
        if not rules:
            raise self._grammar.place.error("the grammar has no rules")
        root = self._grammar.attributes.get("root")
        if root is not None and root not in rules:
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
        if name in _SPECIAL:
            raise element.place.error(f"{name} is a special rule and cannot be defined")
        if not _RULE_NAME.fullmatch(name):
            raise element.place.error(
                f"{name!r} is not a valid rule name; use letters, digits, and _"
            )
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
            examples=tuple(" ".join(example.only_text().split()) for example in examples),
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
        probability = element.attributes.get("repeat-prob", "1")
        if not _NUMBER.fullmatch(probability) or float(probability) > 1:
            raise element.place.error(f"repeat-prob {probability!r} is not between 0 and 1")
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
        if not _NUMBER.fullmatch(text):
            raise item.place.error(f"weight {text!r} is not a number such as 0.5")
        return float(text)

    def _ruleref(self, element: Element) -> Expansion:
        for child in element.children:
            if isinstance(child, Element) or child.strip():
                raise element.place.error(
                    "<ruleref> must be empty; put its <tag> or words after it"
                )
        special, uri = element.attributes.get("special"), element.attributes.get("uri")
        if special is not None and uri is None:
            return self._special(element, special)
        if uri is None or special is not None:
            raise element.place.error("<ruleref> needs either uri or special")
        return self._reference(element, uri.strip())

    def _special(self, element: Element, name: str) -> Expansion:
        if name not in _SPECIAL:
            raise element.place.error(f"special {name!r} is not {', '.join(_SPECIAL)}")
        return _SPECIAL[name]

    def _reference(self, element: Element, uri: str) -> Reference:
        media_type = element.attributes.get("type", MEDIA_TYPE)
        if media_type != MEDIA_TYPE:
            raise element.place.error(
                f"type {media_type!r} is not supported; only {MEDIA_TYPE} (the XML form) is"
            )
        base = self._grammar.attributes.get("xml:base", "")
        try:
            whole = uri if uri.startswith(("#", "?")) else urljoin(base, uri)
            file, length, rule = split_uri(whole, of_a_part=True)
        except (GrammarError, ValueError) as error:
            raise element.place.error(str(error)) from None
        if not file and not rule:
            raise element.place.error("uri is empty")
        return Reference(file or None, rule, length, element.place)

    def _token(self, element: Element) -> Expansion:
        words = tuple(self._words(element, element.only_text().replace('"', " ")))
        if not words:
            raise element.place.error("<token> is empty")
        return Sequence(words)

    def _tag(self, element: Element) -> Expansion:
        text = element.only_text()
        if self._tag_format == "semantics/1.0":
            return Tag(parse_script(text, element.place), element.place)
        if self._tag_format == "semantics/1.0-literals":
            return Tag(parse_literal(text), element.place)
        raise element.place.error(
            "<tag> needs tag-format semantics/1.0 or semantics/1.0-literals on <grammar>"
            + (f", not {self._tag_format!r}" if self._tag_format else "")
        )

    def _words(self, element: Element, text: str) -> Iterator[Word]:
        if text.count('"') % 2:
            raise element.place.error('a quotation mark (") is not closed')
        for quoted, bare in _TOKENS.findall(text):
            for word in (quoted or bare).lower().split():
                yield Word(self._key(element, word) if self._mode == "dtmf" else word)

    def _key(self, element: Element, word: str) -> str:
        key = _KEY_NAMES.get(word, word)
        if len(key) > 1 or key not in KEYS:
            raise element.place.error(f"{word!r} is not a key; keys are {' '.join(KEYS)}")
        return key

    def _check(self, element: Element, tag: str) -> None:
        if element.namespace != SRGS:
            raise element.place.error(f"<{element.tag}> is not in the namespace {SRGS}")
        if element.tag != tag:
            raise element.place.error(f"<{element.tag}> where <{tag}> is expected")
        unknown = sorted(set(element.attributes) - _ATTRIBUTES[tag])
        if unknown:
            raise element.place.error(f"<{tag}> attribute {unknown[0]} is not supported")
        if tag != "grammar" and self._mode == "voice":
            self._check_language(element)

    def _check_language(self, element: Element) -> None:
        language = element.attributes.get("xml:lang")
        if language and _primary(language) != self._language:
            raise element.place.error(
                f"xml:lang {language!r}: a grammar can have only one language"
            )


def _primary(language: str) -> str:
    """Return the language without its region: en of en-US."""
    return language.partition("-")[0].lower()


def _is_example(child: Element | str) -> bool:
    return isinstance(child, Element) and child.tag == "example"
