"""What rules mean: tags, default values, and tags that are refused."""

from __future__ import annotations

import pytest

from bot.errors import GrammarError
from tests.support.grammar_text import Load, values

pytestmark = pytest.mark.unit


def test_tags_concatenate_rule_values(load: Load) -> None:
    grammar = load(
        '<rule id="r"><tag>out = \'\'</tag><item repeat="1-"><ruleref uri="#d"/>'
        "<tag>out = rules.d + out + '-' + rules.latest();</tag></item></rule>"
        '<rule id="d"><one-of><item>one<tag>out = "1"</tag></item>'
        "<item>two<tag>out = '2';</tag></item></one-of></rule>"
    )
    assert values(grammar, "one two") == ("21-1-2",)


def test_later_assignments_replace_earlier_ones(load: Load) -> None:
    grammar = load("<rule id=\"r\">a<tag>out = 'x'; out += 'y'; out = out + 'z';</tag></rule>")
    assert values(grammar, "a") == ("xyz",)


def test_strings_know_quotes_and_backslashes(load: Load) -> None:
    grammar = load('<rule id="r">a<tag>out = \'it\\\'s\' + "\\\\";</tag></rule>')
    assert values(grammar, "a") == ("it's\\",)


def test_literal_tags_are_the_value(load: Load) -> None:
    grammar = load('<rule id="r">a<tag> yes; please </tag></rule>', tags="semantics/1.0-literals")
    assert values(grammar, "a") == ("yes; please",)


@pytest.mark.parametrize(
    "script",
    [
        "out.name.first = 'x';",
        "out = 04;",
        "out = 1e3;",
        "out = 1.50;",
        "out = 4 5;",
        "out = rules.d.length();",
        "",
        ";",
        "var x = 'y';",
        "out = rules;",
        "out = rules.;",
        "out = meta.current().text;",
        "out = 'a' - 'b';",
        "out = 'open",
        "out = 'a\\n';",
        "x = 'y';",
        "out == 'y';",
        "out = eval('1');",
        "__import__('os')",
        "out = rules.latest",
        "out = 'a' 'b'",
    ],
)
def test_scripts_outside_the_subset_are_refused_with_file_and_line(load: Load, script: str) -> None:
    with pytest.raises(GrammarError, match=r"^g\.grxml:2: tag: "):
        load(f'<rule id="r">\n<tag>{script}</tag>a</rule>')


@pytest.mark.parametrize(
    "body",
    [
        "<rule id=\"r\">\n<tag>out += 'x';</tag>a</rule>",
        '<rule id="r">\n<tag>out = rules.latest();</tag>a</rule>',
        '<rule id="r">\n<tag>out = rules.d;</tag><ruleref uri="#d"/></rule><rule id="d">a</rule>',
        '<rule id="r"><item repeat="0-1"><ruleref uri="#d"/></item>\n<tag>out = rules.d;</tag>'
        '</rule><rule id="d">a</rule>',
    ],
)
def test_a_tag_that_reads_a_possibly_unset_value_is_refused(load: Load, body: str) -> None:
    with pytest.raises(GrammarError, match=r"^g\.grxml:2: tag: .* might not be set here"):
        load(body)


@pytest.mark.parametrize(
    ("body", "meanings"),
    [
        ("<one-of><item>yes</item><item>yeah<tag>out='yes'</tag></item></one-of>",
         {"yes": "yes", "yeah": "yes"}),
        ("a <item repeat=\"0-1\">b<tag>out = 'x';</tag></item> c",
         {"a c": "a c", "a b c": "x"}),
        ('a <item repeat="0-1"><ruleref uri="#d"/></item> c', {"a c": "a c", "a d c": "d"}),
        ('<item repeat="0-"><ruleref uri="#d"/></item> c <item repeat="0-1">e'
         "<tag>out = 'e';</tag></item>", {"c": "c", "d d c": "d", "d c e": "e"}),
        ('<item repeat="1-2"><one-of><item>a</item><item><ruleref uri="#d"/></item>'
         "<item>b<tag>out = 'x';</tag></item></one-of></item>",
         {"a": "a", "a a": "a a", "a d": "d", "d a": "d", "b d": "x", "d b": "x", "a b": "x"}),
        ('<item repeat="0-"><one-of><item>a</item><item>b<tag>out = \'x\';</tag></item></one-of>'
         "</item> c", {"a a c": "a a c", "a b a c": "x", "b c": "x", "c": "c"}),
    ],
)  # fmt: skip
def test_a_rule_without_a_tag_on_its_path_has_the_value_of_its_last_reference_or_its_words(
    load: Load, body: str, meanings: dict[str, str]
) -> None:
    grammar = load(f'<rule id="r">{body}</rule><rule id="d">d</rule>')
    found = {said: grammar.match(said.split()) for said in meanings}
    assert {said: reading.values for said, reading in found.items()} == {
        said: (value,) for said, value in meanings.items()
    }


def test_a_default_value_applies_only_to_its_rule(load: Load) -> None:
    grammar = load(
        '<rule id="r">say <ruleref uri="#d"/> now<tag>out = rules.d + \'!\';</tag></rule>'
        '<rule id="d">very <item repeat="0-1">much<tag>out = \'m\';</tag></item></rule>'
    )
    assert values(grammar, "say very now") == ("very!",)
    assert values(grammar, "say very much now") == ("m!",)


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("out = 4;", "4"),
        ("out = 0.25", "0.25"),
        ("out = true;", "true"),
        ("out = 'a' + 4 + 5;", "a45"),
        ("out = 4 + 'a';", "4a"),
        ("out = 4; out += '';", "4"),
    ],
)
def test_numbers_are_written_as_they_stand(load: Load, script: str, value: str) -> None:
    assert values(load(f'<rule id="r">a<tag>{script}</tag></rule>'), "a") == (value,)


@pytest.mark.parametrize(
    "body",
    [
        '<rule id="r">\n<tag>out = 4 + 5;</tag>a</rule>',
        '<rule id="r">a<tag>out = 4;</tag>\n<tag>out += 5;</tag></rule>',
        '<rule id="r"><ruleref uri="#d"/>\n<tag>out = rules.d + rules.d;</tag></rule>'
        '<rule id="d">a<tag>out = 4;</tag></rule>',
        '<rule id="r"><ruleref uri="#e"/>\n<tag>out = rules.e + 1;</tag></rule>'
        '<rule id="e"><ruleref uri="#d"/></rule><rule id="d">a<tag>out = 4;</tag></rule>',
        '<rule id="r"><tag>out = \'\';</tag><item repeat="0-">a\n<tag>out += 1; out = 5;</tag>'
        "</item></rule>",
    ],
)
def test_numbers_that_ecmascript_would_add_are_refused(load: Load, body: str) -> None:
    with pytest.raises(GrammarError, match=r"^g\.grxml:2: tag: \+ would add two numbers"):
        load(body)


def test_properties_of_a_value_are_read_by_the_enclosing_rule(load: Load) -> None:
    grammar = load(
        '<rule id="r"><ruleref uri="#date"/>'
        "<tag>out = rules.date.month + '/' + rules.latest().day;</tag></rule>"
        '<rule id="date"><one-of><item>may</item><item>june</item></one-of>'
        "<tag>out.day = '1'; out.month = 5;</tag>"
        "<item repeat=\"0-1\">second<tag>out.day += '0';</tag></item></rule>"
    )
    assert values(grammar, "may") == ("5/1",)
    assert values(grammar, "june second") == ("5/10",)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('<rule id="r">\n<tag>out = \'a\'; out.x = \'b\';</tag>a</rule>', "2: .*either out or"),
        ('<rule id="r">a<tag>out.x = \'b\';</tag></rule>', "1: .*needs one value"),
        ('<rule id="r">\n<ruleref uri="#d"/></rule><rule id="d">a<tag>out.x = 1;</tag></rule>',
         "1: .*passes on parts"),
        ('<rule id="r"><ruleref uri="#d"/>\n<tag>out = rules.d;</tag></rule>'
         '<rule id="d">a<tag>out.x = 1;</tag></rule>', "2: tag: rules.d has parts"),
        ('<rule id="r"><ruleref uri="#d"/>\n<tag>out = rules.d.y;</tag></rule>'
         '<rule id="d">a<tag>out.x = 1;</tag></rule>', "2: tag: rules.d.y might not be set"),
        ('<rule id="r"><ruleref uri="#d"/>\n<tag>out = rules.d.x;</tag></rule>'
         '<rule id="d"><one-of><item>a<tag>out.x = 1;</tag></item><item>b</item></one-of></rule>',
         "2: tag: rules.d.x might not be set"),
    ],
)  # fmt: skip
def test_properties_without_a_single_value_are_refused(load: Load, body: str, message: str) -> None:
    with pytest.raises(GrammarError, match=rf"^g\.grxml:{message}"):
        load(body)
