"""What SRGS 1.0 says of XML grammars, one small grammar for each assertion, written for this test.

Each row says what some utterances mean; None is an utterance that is not in the grammar.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.grammar import Grammars
from bot.types import Mode
from tests.support.srgs import DOCTYPE, NS, PAIR, D, grammar, keys, load, rule, tagged

pytestmark = pytest.mark.unit

Meanings = dict[str, str | None]


def said(*utterances: str, never: tuple[str, ...] = ()) -> Meanings:
    """Each means its own words."""
    return {one: one for one in utterances} | dict.fromkeys(never)


UNDERSTOOD: dict[str, tuple[str, Meanings]] = {
    # -- the document ---------------------------------------------------------------------------
    "xml declaration": ('<?xml version="1.0"?>' + rule("a"), said("a", never=("b",))),
    "utf-8": ('<?xml version="1.0" encoding="UTF-8"?>' + rule("café"), said("café")),
    "latin 1": ('<?xml version="1.0" encoding="ISO-8859-1"?>' + rule("a"), said("a")),
    "ascii": ('<?xml version="1.0" encoding="US-ASCII"?>' + rule("caf&#233;"), said("café")),
    "standalone": ('<?xml version="1.0" standalone="yes"?>' + rule("a"), said("a")),
    "bare document type": ("<!DOCTYPE grammar>" + rule("a"), said("a")),
    "document type of the W3C": (DOCTYPE + rule("a"), said("a")),
    "both": ('<?xml version="1.0"?>\n' + DOCTYPE + rule("a"), said("a")),
    "comment": (rule("a <!-- b --> c"), said("a c", never=("a b c",))),
    "comment between rules": (grammar(f'<!-- x --><rule id="r">a</rule>{D}'), said("a")),
    "processing instruction": (rule("a <?pi data?> c"), said("a c")),
    "CDATA": (rule("a <![CDATA[b]]> c"), said("a b c")),
    "character reference": (rule("&#97; b"), said("a b")),
    "predefined entity": (rule("r&amp;b"), said("r&b")),
    "prefix for the namespace": (
        f'<g:grammar xmlns:g="{NS}" version="1.0" xml:lang="en" root="r">'
        '<g:rule id="r">a <g:item repeat="0-1">b</g:item></g:rule></g:grammar>',
        said("a", "a b"),
    ),
    "schema location": (
        grammar(
            '<rule id="r">a</rule>',
            'root="r" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            f' xsi:schemaLocation="{NS} http://www.w3.org/TR/speech-grammar/grammar.xsd"',
        ),
        said("a"),
    ),
    "attribute of another namespace": (
        rule('<item xmlns:x="urn:x" x:repeat="3" x:weight="no">a</item>'),
        said("a", never=("a a a",)),
    ),
    "unknown attribute of another namespace": (
        grammar(
            '<rule id="r" y:id="q" y:scope="x">a</rule>', 'root="r" xmlns:y="urn:y" y:root="q"'
        ),
        said("a"),
    ),
    "mode defaults to voice": (rule("a"), said("a")),
    "mode voice": (rule("a", mode="voice"), said("a")),
    "language without region": (rule("a").replace("en-US", "en"), said("a")),
    "another language": (rule("bonjour").replace("en-US", "fr-CA"), said("bonjour")),
    "root anywhere": (grammar(D + '<rule id="r">a</rule>' + D.replace('"d"', '"e"')), said("a")),
    "root is a private rule": (grammar('<rule id="r" scope="private">a</rule>'), said("a")),
    "base": (
        grammar('<rule id="r">a <ruleref uri="#d"/></rule>' + D, 'root="r" xml:base="http://h/g/"'),
        {"a day": "day"},
    ),
    "base of this folder": (
        grammar('<rule id="r"><ruleref uri="other.grxml"/></rule>', 'root="r" xml:base="./"'),
        {"other root": "other root"},
    ),
    "metadata": (
        grammar(
            '<meta name="author" content="x"/><meta http-equiv="Expires" content="0"/>'
            '<metadata><rdf:RDF xmlns:rdf="urn:rdf">text <rule/></rdf:RDF></metadata>'
            '<rule id="r">a</rule>'
        ),
        said("a", never=("text",)),
    ),
    "lexicon": (
        grammar('<lexicon uri="http://h/x.pls" type="application/pls+xml"/><rule id="r">a</rule>'),
        said("a"),
    ),
    "tag format without tags": (rule("a", tag_format="x-vendor/1"), said("a")),
    # -- tokens ---------------------------------------------------------------------------------
    "tokens in a row": (rule("one two three"), said("one two three", never=("one three",))),
    "white space": (rule("\n  one \t two\n\n three "), said("one two three")),
    "token element": (rule("<token>one</token> <token>two</token>"), said("one two")),
    "token element of several words": (rule("<token>new  york</token>"), said("new york")),
    "quoted token": (rule('"new  york" city'), said("new york city")),
    "quoted and bare tokens touch": (rule('a"b c"d'), said("a b c d")),
    "case": (rule("New York"), {"new york": "new york", "NEW YORK": "new york"}),
    "apostrophe, period, hyphen": (rule("o'clock st. twenty-one"), said("o'clock st. twenty-one")),
    "digits as tokens": (rule("7 11"), said("7 11")),
    "beyond latin": (rule("ありがとう"), said("ありがとう")),
    "language of a token": (rule('<token xml:lang="en-US">a</token>'), said("a")),
    # -- references -----------------------------------------------------------------------------
    "local reference": (rule('a <ruleref uri="#d"/>', D), {"a day": "day", "a": None}),
    "forward and backward": (
        grammar(D + '<rule id="r"><ruleref uri="#d"/> <ruleref uri="#e"/></rule>'
                '<rule id="e">eve</rule>'),
        {"day eve": "eve"},
    ),
    "reference twice": (rule('<ruleref uri="#d"/> <ruleref uri="#d"/>', D), {"day day": "day"}),
    "nested references": (
        rule('<ruleref uri="#b"/>', '<rule id="b"><ruleref uri="#d"/></rule>' + D), said("day")
    ),
    "reference with a start tag and an end tag": (rule('<ruleref uri="#d"> </ruleref>', D),
                                                  said("day")),
    "rule of another file": (rule('<ruleref uri="other.grxml#open"/>'), said("other open")),
    "root of another file": (rule('<ruleref uri="other.grxml"/>'), said("other root")),
    "root of another file by name": (rule('<ruleref uri="other.grxml#main"/>'),
                                     said("other root")),
    "relative to this folder": (rule('<ruleref uri="./other.grxml#open"/>'), said("other open")),
    "file without a root": (rule('<ruleref uri="shared.grxml#open"/>'), said("shared")),
    "media type": (
        rule('<ruleref uri="other.grxml" type="application/srgs+xml"/>'), said("other root")
    ),
    "NULL": (rule('a <ruleref special="NULL"/> b'), said("a b")),
    "VOID in an alternative": (
        rule('<one-of><item>a <ruleref special="VOID"/></item><item>b</item></one-of>'),
        said("b", never=("a",)),
    ),
    "GARBAGE before": (
        rule('<ruleref special="GARBAGE"/> stop'),
        {"stop": "stop", "please do stop": "stop", "please": None},
    ),
    "GARBAGE after": (
        rule('stop <ruleref special="GARBAGE"/>'), {"stop": "stop", "stop it now": "stop"}
    ),
    "GARBAGE between": (
        tagged('from <ruleref special="GARBAGE"/> to <ruleref uri="#d"/>'
               "<tag>out = rules.d;</tag>", D),
        {"from here to day": "day", "from to day": "day", "from to to day": "day", "from": None},
    ),
    "GARBAGE may be a word of the grammar": (
        rule('a <ruleref special="GARBAGE"/> b'), {"a b a b": "a b", "a a": None}
    ),
    # -- sequences and alternatives -------------------------------------------------------------
    "sequence of all kinds": (
        rule('a <ruleref uri="#d"/> <token>b</token> <item>c</item>', D), {"a day b c": "day"}
    ),
    "empty item": (rule("a <item/> b"), said("a b")),
    "empty item, two tags": (rule("a <item></item> b"), said("a b")),
    "item groups": (rule("<item>a <item>b c</item></item>"), said("a b c")),
    "alternatives": (rule(f"<one-of>{PAIR}</one-of>"), said("a", "b", never=("a b",))),
    "one alternative": (rule("<one-of><item>a</item></one-of>"), said("a")),
    "alternatives in alternatives": (
        rule(f"<one-of><item><one-of>{PAIR}</one-of></item><item>c</item></one-of>"),
        said("a", "b", "c"),
    ),
    "empty alternative": (rule("a <one-of><item>b</item><item/></one-of>"), said("a", "a b")),
    "alternatives beside tokens": (rule(f"x <one-of>{PAIR}</one-of> y"), said("x a y", "x b y")),
    "white space between alternatives": (rule(f"<one-of>\n {PAIR}\n</one-of>"), said("a", "b")),
    "weights": (
        rule('<one-of><item weight="10">a</item><item weight="0.1">b</item></one-of>'),
        said("a", "b"),
    ),
    "forms of weights": (
        rule('<one-of><item weight="2.">a</item><item weight=".5">b</item></one-of>'),
        said("a", "b"),
    ),
    "weight zero": (rule(f'<one-of>{PAIR}<item weight="0">c</item></one-of>'), said("a", "c")),
    "weight of a lone item": (rule('<item weight="3">a</item>'), said("a")),
    "weights prefer": (
        tagged("<one-of><item weight=\"1\">a<tag>out='1';</tag></item>"
               "<item weight=\"2\">a<tag>out='2';</tag></item></one-of>"),
        {"a": "2"},
    ),
    "languages of one family": (
        rule('<one-of xml:lang="en-GB"><item xml:lang="en">a</item><item>b</item></one-of>'),
        said("a", "b"),
    ),
    # -- repeats --------------------------------------------------------------------------------
    "repeat once": (rule('<item repeat="1">a</item>'), said("a", never=("a a",))),
    "repeat exactly": (rule('<item repeat="3">a</item>'), said("a a a", never=("a a", "a a a a"))),
    "repeat zero times": (rule('b <item repeat="0">a</item>'), said("b", never=("b a",))),
    "optional": (rule('b <item repeat="0-1">a</item>'), said("b", "b a", never=("b a a",))),
    "repeat between": (rule('<item repeat="2-3">a</item>'), said("a a", "a a a", never=("a",))),
    "repeat n-n": (rule('<item repeat="2-2">a</item>'), said("a a", never=("a", "a a a"))),
    "repeat from 0": (rule('b <item repeat="0-">a</item>'), said("b", "b a a a a a")),
    "repeat from 1": (rule('b <item repeat="1-">a</item>'), said("b a", "b a a", never=("b",))),
    "repeat from 3": (rule('<item repeat="3-">a</item>'), said("a a a a", never=("a a",))),
    "repeat of a sequence": (rule('<item repeat="2">a b</item>'), said("a b a b", never=("a b",))),
    "repeat of alternatives": (
        rule(f'<item repeat="2"><one-of>{PAIR}</one-of></item>'), said("a b", "b b", never=("a",))
    ),
    "repeat of a reference": (
        rule('<item repeat="2"><ruleref uri="#d"/></item>', D), {"day day": "day", "day": None}
    ),
    "repeat in an alternative": (
        rule('<one-of><item repeat="2">a</item><item>b</item></one-of>'),
        said("a a", "b", never=("a",)),
    ),
    "repeat in a repeat": (
        rule('<item repeat="2"><item repeat="1-2">a</item> b</item>'), said("a b a a b")
    ),
    "repeat of NULL": (rule('a <item repeat="0-"><ruleref special="NULL"/></item>'), said("a")),
    "repeat-prob": (rule('<item repeat="0-1" repeat-prob="0.25">a</item> b'), said("b", "a b")),
    "repeat-prob without end": (rule('<item repeat="1-" repeat-prob=".9">a</item>'), said("a a")),
    "repeat-prob of a lone item": (rule('<item repeat-prob="1.0">a</item>'), said("a")),
    # -- rules ----------------------------------------------------------------------------------
    "many rules": (
        grammar('<rule id="r"><ruleref uri="#r2"/></rule><rule id="r2">a</rule>' + D), said("a")
    ),
    "rule that nobody references": (rule("a", D), said("a", never=("day",))),
    "names differ in case": (
        rule('<ruleref uri="#D"/>', D + '<rule id="D">night</rule>'), said("night")
    ),
    "name beyond latin": (rule('<ruleref uri="#été"/>', '<rule id="été">a</rule>'), said("a")),
    "public scope": (grammar('<rule id="r" scope="public">a</rule>'), said("a")),
    "examples": (rule("<example>a b</example><example> a </example> a "
                      '<item repeat="0-1">b</item>'), said("a", "a b")),
    # -- tags -----------------------------------------------------------------------------------
    "tag": (tagged("a<tag>out = 'x';</tag>"), {"a": "x"}),
    "tag before its words": (tagged("<tag>out = 'x';</tag>a"), {"a": "x"}),
    "tag in CDATA": (tagged("a<tag><![CDATA[out = 'x';]]></tag>"), {"a": "x"}),
    "tags of alternatives": (
        tagged("<one-of><item>a<tag>out='1'</tag></item><item>b<tag>out='2'</tag></item></one-of>"),
        {"a": "1", "b": "2"},
    ),
    "last tag": (tagged("a<tag>out='1';</tag> b<tag>out='2';</tag>"), {"a b": "2"}),
    "tag beside untagged alternatives": (
        tagged('<one-of><item>yes</item><item>yeah<tag>out="yes"</tag></item></one-of>'),
        {"yes": "yes", "yeah": "yes"},
    ),
    "literal tags": (
        rule("a<tag>x y</tag>", tag_format="semantics/1.0-literals"), {"a": "x y"}
    ),
    "tag of a reference": (
        tagged('<ruleref uri="#e"/>', "<rule id=\"e\">a<tag>out='x';</tag></rule>"), {"a": "x"}
    ),
}  # fmt: skip

KEYED: dict[str, tuple[str, Meanings]] = {
    "keys": (keys("1 2 * #"), {"1 2 * #": "1 2 * #", "1 2": None}),
    "names of keys": (keys("star pound"), {"* #": "* #"}),
    "key as a token element": (keys("<token>1</token> 2"), {"1 2": "1 2"}),
    "key alternatives": (keys("<one-of><item>1</item><item>2</item></one-of>"), said("1", "2")),
    "key repeats": (keys('<item repeat="2-4">0</item>'), said("0 0 0", never=("0",))),
    "keys need no language": (keys("1"), said("1")),
    "a language of keys is ignored": (
        keys('<item xml:lang="fr">1</item>', 'xml:lang="en"'),
        said("1"),
    ),
}


def found(grammars: Grammars, mode: Mode, meanings: Meanings) -> Meanings:
    """What the utterances of ``meanings`` mean."""
    pair = grammars.get("g.grxml")
    one = pair.dtmf if mode == "dtmf" else pair.voice
    return {words: next(iter(one.match(words.split()).values), None) for words in meanings}


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_a_spoken_grammar_means_what_the_standard_says(name: str, tmp_path: Path) -> None:
    source, meanings = UNDERSTOOD[name]
    assert found(load(tmp_path, source), "voice", meanings) == meanings


@pytest.mark.parametrize("name", KEYED)
def test_a_keyed_grammar_means_what_the_standard_says(name: str, tmp_path: Path) -> None:
    source, meanings = KEYED[name]
    assert found(load(tmp_path, rule("a"), source), "dtmf", meanings) == meanings
