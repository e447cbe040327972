"""Grammars that are refused, with the reason why a processor of SRGS 1.0 may refuse them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import GrammarError
from tests.support.srgs import DOCTYPE, NS, PAIR, D, grammar, load, rule, tagged

pytestmark = pytest.mark.unit

MUST_REFUSE = "the standard does not allow it"
MAY_REFUSE = {
    "recursion": "a processor need not support recursive grammars (5.4)",
    "language": "a processor may refuse a language or a mix that it does not support (5.4)",
    "foreign": "a processor may reject elements of other namespaces (5.2)",
    "format": "the format of tags is the processor's choice (2.6)",
    "media": "only the XML form is required of an XML processor (5.4)",
    "host": "nothing is fetched: a call depends on no other host",
    "entity": "an external document type is not fetched",
}

REFUSED: dict[str, tuple[str, str, str]] = {
    "no version": (rule("a").replace('version="1.0"', ""), "version must be", MUST_REFUSE),
    "another version": (rule("a").replace('="1.0"', '="2.0"'), "version must be", MUST_REFUSE),
    "no namespace": (rule("a").replace(f'xmlns="{NS}"', ""), "not in the namespace", MUST_REFUSE),
    "another root element": (rule("a").replace("grammar ", "grammars ").replace("/grammar>",
                             "/grammars>"), "<grammars>", MUST_REFUSE),
    "no language": (rule("a").replace('xml:lang="en-US"', ""), "xml:lang", MUST_REFUSE),
    "unknown mode": (rule("a", mode="speech"), "mode must be", MUST_REFUSE),
    "no rule": (grammar("", ""), "no rules", MUST_REFUSE),
    "root that is nowhere": (grammar(D), "root rule 'r' is not defined", MUST_REFUSE),
    "text outside rules": (grammar(D + "text", 'root="d"'), "unexpected text", MUST_REFUSE),
    "rule in a rule": (rule(D), "<rule> is not supported here", MUST_REFUSE),
    "rule without a name": (grammar(D + "<rule>a</rule>", 'root="d"'), "valid rule name",
                            MUST_REFUSE),
    "name with a hyphen": (rule("a", '<rule id="a-b">b</rule>'), "valid rule name", MUST_REFUSE),
    "name with a period": (rule("a", '<rule id="a.b">b</rule>'), "valid rule name", MUST_REFUSE),
    "name of a special rule": (rule("a", '<rule id="NULL">b</rule>'), "special rule", MUST_REFUSE),
    "name twice": (rule("a", D + D), "defined twice", MUST_REFUSE),
    "unknown scope": (rule("a", '<rule id="b" scope="file">b</rule>'), "scope", MUST_REFUSE),
    "reference to no rule": (rule('<ruleref uri="#x"/>'), "has no rule x", MUST_REFUSE),
    "reference to no file": (rule('<ruleref uri="x.grxml"/>'), "does not exist", MUST_REFUSE),
    "reference to a private rule": (rule('<ruleref uri="shared.grxml#closed"/>'), "is private",
                                    MUST_REFUSE),
    "reference to a file without a root": (rule('<ruleref uri="shared.grxml"/>'), "no root rule",
                                           MUST_REFUSE),
    "reference to another mode": (rule('<ruleref uri="g.dtmf.grxml"/>'), "is a dtmf grammar",
                                  MUST_REFUSE),
    "reference without a target": (rule("<ruleref/>"), "either uri or special", MUST_REFUSE),
    "reference with two targets": (rule('<ruleref uri="#d" special="NULL"/>', D),
                                   "either uri or special", MUST_REFUSE),
    "unknown special rule": (rule('<ruleref special="ANY"/>'), "is not NULL, VOID", MUST_REFUSE),
    "text in a reference": (rule('<ruleref uri="#d">a</ruleref>', D), "must be empty", MUST_REFUSE),
    "tag in a reference": (tagged('<ruleref uri="#d"><tag>out=1</tag></ruleref>', D),
                           "must be empty", MUST_REFUSE),
    "text between alternatives": (rule(f"<one-of>{PAIR}c</one-of>"), "unexpected text",
                                  MUST_REFUSE),
    "token among alternatives": (rule("<one-of><token>a</token></one-of>"), "only <item>",
                                 MUST_REFUSE),
    "no alternative": (rule("<one-of></one-of>"), "is empty", MUST_REFUSE),
    "negative weight": (rule('<one-of><item weight="-1">a</item></one-of>'), "weight",
                        MUST_REFUSE),
    "weight in words": (rule('<one-of><item weight="high">a</item></one-of>'), "weight",
                        MUST_REFUSE),
    "repeat backward": (rule('<item repeat="3-2">a</item>'), "below its minimum", MUST_REFUSE),
    "repeat below zero": (rule('<item repeat="-2">a</item>'), "must be n, n-m", MUST_REFUSE),
    "repeat of a token": (rule('<token repeat="2">a</token>'), "attribute repeat", MUST_REFUSE),
    "repeat of a reference itself": (rule('<ruleref uri="#d" repeat="2"/>', D),
                                     "attribute repeat", MUST_REFUSE),
    "repeat-prob over 1": (rule('<item repeat="0-1" repeat-prob="1.5">a</item>'), "between 0 and",
                           MUST_REFUSE),
    "element in a token": (rule("<token>a<item>b</item></token>"), "only text", MUST_REFUSE),
    "element in a tag": (tagged("a<tag>out<item/></tag>"), "only text", MUST_REFUSE),
    "open quotation mark": (rule('"a b'), "not closed", MUST_REFUSE),
    "unknown element": (rule("<choice>a</choice>"), "<choice> is not supported", MUST_REFUSE),
    "unknown attribute": (rule('<item count="2">a</item>'), "attribute count", MUST_REFUSE),
    "attribute with the grammar's own prefix": (
        rule(f'<item xmlns:g="{NS}" g:repeat="2">a</item>'), "attribute prefix:repeat", MUST_REFUSE
    ),
    "ill-formed": (rule("<item>a"), "not well-formed", MUST_REFUSE),
    "VOID alone": (rule('<ruleref special="VOID"/>'), "nothing can match", MUST_REFUSE),
    "rule that refers to itself": (rule('a <item repeat="0-1"><ruleref uri="#r"/></item>'),
                                   "recursion", "recursion"),
    "rules that refer to each other": (
        rule('<ruleref uri="#e"/>', '<rule id="e">a <ruleref uri="#r"/></rule>'), "recursion",
        "recursion",
    ),
    "another language inside": (rule('a <item xml:lang="fr-CA">b</item>'), "one language",
                                "language"),
    "another language of a token": (rule('<token xml:lang="es">b</token>'), "one language",
                                    "language"),
    "element of another namespace": (rule('<x:b xmlns:x="urn:x">a</x:b>'), "<b> is not", "foreign"),
    "tag without a format": (rule("a<tag>x</tag>"), "needs tag-format", "format"),
    "tag of an unknown format": (rule("a<tag>x</tag>", tag_format="x/1"), "not 'x/1'", "format"),
    "ABNF by media type": (rule('<ruleref uri="other.gram" type="application/srgs"/>'),
                           "only application/srgs\\+xml", "media"),
    "ABNF file": ("#ABNF 1.0 UTF-8;\nlanguage en-US;\nroot $r;\n$r = a;", "ABNF", "media"),
    "another host": (rule('<ruleref uri="http://host/x.grxml#a"/>'), "without a path", "host"),
    "another host by base": (
        grammar('<rule id="r"><ruleref uri="x.grxml"/></rule>', 'root="r" xml:base="http://h/"'),
        "http://h/x.grxml", "host",
    ),
    "another folder": (rule('<ruleref uri="../x.grxml"/>'), "without a path", "host"),
    "document type with declarations": (
        '<!DOCTYPE grammar [<!ATTLIST item repeat CDATA "0-1">]>' + rule("a"), "not allowed",
        "entity",
    ),
    "document type of another": (
        '<!DOCTYPE grammar SYSTEM "my.dtd">' + rule("a"), "not allowed", "entity"
    ),
    "entity of a skipped document type": (DOCTYPE + rule("a &x; b"), "&x; is not allowed",
                                          "entity"),
    "entity in an attribute": (DOCTYPE + rule('<ruleref uri="&x;#d"/>', D), "&x; is not allowed",
                               "entity"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_invalid_srgs_is_refused_in_one_line_with_the_reason(name: str, tmp_path: Path) -> None:
    source, message, _ = REFUSED[name]
    with pytest.raises(GrammarError, match=rf"^g\.grxml:\d+: .*{message}") as refused:
        load(tmp_path, source)
    assert "\n" not in str(refused.value)


def test_every_invalid_example_is_invalid_srgs() -> None:
    reasons = {reason for _, _, reason in REFUSED.values()}
    assert reasons == {MUST_REFUSE, *MAY_REFUSE}
