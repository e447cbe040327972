"""SRGS as far as it is supported, and how everything else is refused."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from random import Random

import pytest

from bot.errors import GrammarError
from bot.grammar import Answer, Grammars
from bot.grammar.compiler import compile_rule
from bot.grammar.library import Library
from bot.grammar.pruning import spelled_with
from bot.grammar.transducer import Transducer
from bot.resources import PROJECT
from tests.support.grammar_text import KEYED_ONES, Load, text, values
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.unit

NUMBERS = project_grammars()
ALL_DIGITS = "0123456789"


# -- expansions -------------------------------------------------------------------------------


def test_a_rule_without_tags_has_its_words_as_value(load: Load) -> None:
    grammar = load('<rule id="r">good <item repeat="0-2">old</item> day</rule>')
    assert values(grammar, "good day") == ("good day",)
    assert values(grammar, "Good OLD old day") == ("good old old day",)
    assert grammar.match(["good", "old", "old", "old", "day"]).answer is Answer.NO


def test_a_rule_without_tags_has_the_value_of_its_last_reference(load: Load) -> None:
    grammar = load(
        '<rule id="r">go <ruleref uri="#a"/> then <ruleref uri="#b"/></rule>'
        '<rule id="a">up</rule><rule id="b">down</rule>'
    )
    assert values(grammar, "go up then down") == ("down",)


def test_repeats_count(load: Load) -> None:
    body = '<rule id="r"><item repeat="{}">a</item></rule>'
    answers = {
        "2": [False, True, False, False],
        "1-2": [True, True, False, False],
        "2-": [False, True, True, True],
    }
    for repeat, expected in answers.items():
        grammar = load(body.format(repeat))
        found = [grammar.match(["a"] * count).answer.complete for count in (1, 2, 3, 4)]
        assert found == expected


def test_weights_order_the_values_and_the_file_orders_equal_weights(load: Load) -> None:
    grammar = load(
        '<rule id="r"><one-of>'
        "<item>a<tag>out = 'first';</tag></item>"
        "<item weight=\"0.5\">a<tag>out = 'last';</tag></item>"
        "<item weight=\"2\">a<tag>out = 'preferred';</tag></item>"
        "<item>a<tag>out = 'second';</tag></item>"
        "</one-of></rule>"
    )
    assert values(grammar, "a") == ("preferred", "first", "second", "last")


def test_tokens_may_be_quoted_or_marked_and_are_heard_word_by_word(load: Load) -> None:
    grammar = load('<rule id="r">"new york" or <token>san  jose</token></rule>')
    assert grammar.match(["new", "york", "or", "san", "jose"]).answer is Answer.MAX
    assert grammar.phrases() == ("new york or san jose",)


def test_null_matches_the_empty_input_and_void_matches_nothing(load: Load) -> None:
    grammar = load(
        '<rule id="r"><one-of><item>a <ruleref special="NULL"/></item>'
        '<item>b <ruleref special="VOID"/></item></one-of></rule>'
    )
    assert grammar.match(["a"]).answer is Answer.MAX
    assert grammar.match(["b"]).answer is Answer.NO
    assert grammar.words() == ("a",)


def test_repeating_an_optional_element_terminates(load: Load) -> None:
    grammar = load(
        '<rule id="r"><item repeat="0-"><item repeat="0-1">a</item>'
        '<item repeat="0-1">b</item></item></rule>'
    )
    assert grammar.match(["b", "a", "a", "b"]).answer.complete


def test_a_courtesy_does_not_keep_an_answer_incomplete_but_a_longer_value_does(load: Load) -> None:
    courtesy = load('<rule id="r"><tag>out = \'x\';</tag>a <item repeat="0-3">please</item></rule>')
    assert courtesy.match(["a"]).answer is Answer.MAX
    longer = load('<rule id="r">a <item repeat="0-1">please</item></rule>')
    assert longer.match(["a"]).answer is Answer.MATCH


@pytest.mark.parametrize(("meanings", "kept"), [(7, 7), (8, 8), (9, 8), (12, 8)])
def test_only_the_first_eight_equal_meanings_are_kept(load: Load, meanings: int, kept: int) -> None:
    items = "".join(f"<item>a<tag>out = '{number:02}';</tag></item>" for number in range(meanings))
    grammar = load(
        '<rule id="r"><ruleref uri="#d"/> end<tag>out = rules.d;</tag></rule>'
        f'<rule id="d"><one-of>{items}</one-of></rule>'
    )
    assert values(grammar, "a end") == tuple(f"{number:02}" for number in range(kept))


def followed_by(words: int, meaning: str = "x") -> str:
    """A rule: an answer, and so many words that may follow it, with what it means then."""
    whole, rest = divmod(words, 64)
    follow = '<item repeat="64">b</item>' * whole
    follow += f'<item repeat="{rest}">b</item>' if rest else ""
    behind = f"<item repeat=\"0-1\">{follow}<tag>out = '{meaning}';</tag></item>"
    return f"<rule id=\"r\"><tag>out = 'x';</tag>a {behind}</rule>"


@pytest.mark.parametrize(("words", "answer"), [(511, Answer.MAX), (512, Answer.MATCH)])
def test_the_lookahead_covers_a_fixed_number_of_words(
    load: Load, words: int, answer: Answer
) -> None:
    assert load(followed_by(words)).match(["a"]).answer is answer


@pytest.mark.parametrize("words", [1, 2, 3, 100])
def test_another_meaning_is_found_at_any_distance(load: Load, words: int) -> None:
    assert load(followed_by(words, "x")).match(["a"]).answer is Answer.MAX
    assert load(followed_by(words, "y")).match(["a"]).answer is Answer.MATCH


def test_another_meaning_is_found_after_a_limit(load: Load) -> None:
    grammar = load(
        "<rule id=\"r\"><tag>out = 'z';</tag>go "
        '<item repeat="0-1"><ruleref uri="?length=2#d"/><tag>out = rules.d;</tag> end</item></rule>'
        + KEYED_ONES.replace("1<", "x<").replace("'1'", "'x'").replace('"r"', '"d"')
    )
    assert grammar.match(["go"]).answer is Answer.MATCH
    assert values(grammar, "go x x end") == ("xx",)


def test_endless_repetitions_of_one_meaning_are_visited_once(load: Load) -> None:
    grammar = load('<rule id="r"><tag>out = \'x\';</tag>a <item repeat="0-">b c</item></rule>')
    assert grammar.match(["a"]).answer is Answer.MAX
    assert grammar.match(["a", "b", "c"]).answer is Answer.MAX


# -- lengths ----------------------------------------------------------------------------------


def test_a_limit_on_a_reference_applies_to_its_value_only(load: Load) -> None:
    grammar = load(
        '<rule id="r"><ruleref uri="?length=2#d"/><tag>out = rules.d;</tag> end</rule>'
        + KEYED_ONES.replace("1<", "x<").replace("'1'", "'x'").replace('"r"', '"d"')
    )
    answers = [grammar.match(text.split()).answer for text in ("x", "x end", "x x", "x x end")]
    assert answers == [Answer.POTENTIAL, Answer.NO, Answer.POTENTIAL, Answer.MAX]
    assert grammar.match(["x", "x", "x"]).answer is Answer.NO
    assert {grammar.sample(Random(seed)) for seed in range(20)} == {"x x end"}


@pytest.mark.parametrize(
    "query",
    [
        "?length=0", "?length=x", "?length=-1", "?size=4", "?length=4&minlength=2", "?length=65",
        "?minlength=5&maxlength=4", "?length", "#", "#nothing", "?length=3", "?alphabet=",
        "?alphabet=xyz", "?alphabet=a&alphabet=b",
    ],
)  # fmt: skip
def test_limits_that_make_no_sense_are_refused(load: Load, query: str) -> None:
    with pytest.raises(GrammarError):
        load('<rule id="r"><one-of><item>a</item><item>four</item></one-of></rule>', query)


def test_an_alphabet_excludes_everything_that_writes_another_digit() -> None:
    few = NUMBERS.get("license_number.grxml?length=4&alphabet=1234").voice
    assert few.uri == "license_number.grxml?length=4&alphabet=1234"
    for said, answer in (
        ("one two three four", Answer.MAX), ("double four thirty one", Answer.MAX),
        ("twenty one 3", Answer.POTENTIAL), ("twenty", Answer.POTENTIAL),
        ("twelve hundred", Answer.POTENTIAL), ("twelve hundred oh", Answer.NO),
        ("five", Answer.NO), ("oh", Answer.NO),
    ):  # fmt: skip
        assert few.match(said.split()).answer is answer, said
    assert not {"zero", "oh", "five", "fifty", "ten"} & set(" ".join(few.phrases()).split())
    keyed = NUMBERS.get("license_number.grxml?length=4&alphabet=1234").dtmf
    assert keyed.match("1234").answer is Answer.MAX
    assert keyed.match("12340").answer is keyed.match("5").answer is Answer.NO


@cache
def network_of(file: str) -> Transducer:
    """A grammar of the service, compiled without any limit."""
    library = Library.read(PROJECT / "grammars")
    document = library.documents[file]
    return compile_rule(library, document, document.rules[document.root or ""])


def written(network: Transducer) -> set[str]:
    """Every character that any way through a network writes into a value."""
    templates = [final.value for finals in network.finals for final in finals]
    for table in network.arcs:
        templates += [update for arcs in table.values() for arc in arcs for update in arc.updates]
    return {one for parts in templates for part in parts if isinstance(part, str) for one in part}


@pytest.mark.parametrize("file", ["license_number.grxml", "license_number.dtmf.grxml"])
@pytest.mark.parametrize("left_out", [*ALL_DIGITS, "02468", "13579", "123456789", "012345678"])
def test_no_way_through_a_grammar_writes_a_digit_outside_its_alphabet(
    file: str, left_out: str
) -> None:
    """Whatever is said or keyed: a value is a concatenation of what is written on its way."""
    alphabet = set(ALL_DIGITS) - set(left_out)
    assert written(network_of(file)) == set(ALL_DIGITS)
    assert written(spelled_with(network_of(file), "".join(sorted(alphabet)))) == alphabet


@pytest.mark.parametrize("alphabet", ["12", "0369", "123456789"])
def test_no_meaning_lies_outside_the_alphabet(alphabet: str) -> None:
    pair = NUMBERS.get(f"license_number.grxml?length=5&alphabet={alphabet}")
    for grammar in (pair.voice, pair.dtmf):
        for seed in range(40):
            reading = grammar.match(grammar.sample(Random(seed)).split())
            assert reading.answer.complete
            assert all(len(v) == 5 and set(v) <= set(alphabet) for v in reading.values)


def test_an_alphabet_applies_to_one_field(load: Load) -> None:
    with pytest.raises(GrammarError, match=r"^g\.grxml:2: .*whole field"):
        load('<rule id="r">\n<ruleref uri="?alphabet=12#d"/></rule><rule id="d">a</rule>')


def test_equal_limits_are_one_grammar(load: Load, tmp_path: Path) -> None:
    load('<rule id="r">four</rule>')
    grammars = Grammars.load(tmp_path)
    assert grammars.get("g.grxml?length=4") is grammars.get("g.grxml?length=4")
    assert grammars.get("g.grxml?minlength=4&maxlength=4").voice.uri == "g.grxml?length=4"


# -- what a recognizer is told -----------------------------------------------------------------


def test_an_infinite_grammar_gives_its_words_and_repeats_its_digits(load: Load) -> None:
    grammar = load(
        '<rule id="r">um <item repeat="1-"><one-of><item>one</item><item>oh</item><item>7</item>'
        "<item>twenty</item></one-of></item></rule>"
    )
    weights = {"one": 200, "oh": 200, "um": 1, "twenty": 1}
    assert Counter(grammar.phrases()) == weights
    assert set(grammar.words()) == {"um", "one", "oh", "twenty"}


def test_a_finite_grammar_gives_its_sentences(load: Load) -> None:
    grammar = load('<rule id="r">slow <item repeat="0-1">down</item></rule>')
    assert grammar.phrases() == ("slow", "slow down")


def test_unknown_words_are_skipped_at_the_ends_and_not_inside(load: Load) -> None:
    grammar = load('<rule id="r">a b</rule>')
    assert grammar.match(["[unk]", "a", "b", "[unk]", "[unk]"]).answer is Answer.MAX
    assert grammar.match(["[unk]", "a", "[unk]"]).answer is Answer.POTENTIAL
    assert grammar.match(["[unk]"]).answer is Answer.POTENTIAL
    assert grammar.match(["a", "[unk]", "b"]).answer is Answer.NO


def test_too_many_sentences_are_reduced_to_a_set_that_has_every_word(load: Load) -> None:
    first = "<one-of><item>a</item><item>b</item><item>c</item></one-of>"
    second = "<one-of><item>d</item><item>e</item><item>f g</item></one-of>"
    more = '<item repeat="0-30">please</item>'
    given = load(f'<rule id="r">{first}{second}{more}</rule>').phrases()
    assert len(given) <= 6
    assert {word for one in given for word in one.split()} == {*"abcdefg", "please"}


# -- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('<rule id="r">\n<ruleref uri="#x"/></rule>', "2: .* has no rule x"),
        (
            '<rule id="r">\n<ruleref uri="x.grxml"/></rule>',
            "2: grammar file x.grxml does not exist",
        ),
        ('<rule id="r">\n<ruleref uri="http://host/x.grxml"/></rule>', "2: .*without a path"),
        ('<rule id="r">\n<ruleref uri="../x.grxml"/></rule>', "2: .*without a path"),
        ('<rule id="r">\n<ruleref uri="g.dtmf.grxml"/></rule>', "2: .*dtmf grammar"),
        ('<rule id="r">\n<ruleref uri="#r"/></rule>', "2: .*recursion"),
        ('<rule id="r"><ruleref uri="#s"/></rule>\n<rule id="s">a <ruleref uri="#r"/></rule>',
         "2: .*recursion"),
        ('<rule id="r">\n<ruleref special="OTHER"/></rule>', "2: .*NULL, VOID, GARBAGE"),
        ('<rule id="r">\n<ruleref uri="#s">a</ruleref></rule><rule id="s">a</rule>',
         "2: <ruleref> must be empty"),
        ('<rule id="r">\n<ruleref uri="#s"><tag>out = \'x\';</tag></ruleref></rule>'
         '<rule id="s">a</rule>', "2: <ruleref> must be empty; put its <tag> or words after it"),
        ('<rule id="r">\n<tag>out = <b/>\'x\';</tag>a</rule>', "2: <tag> may contain only text"),
        ('<rule id="r">\n<example>a <b>b</b></example>a</rule>', "2: <example> may contain only"),
        ('<rule id="r">a</rule>\n<tag>x</tag>', "2: <tag> is supported only inside a rule"),
        ('<rule id="r">a</rule>\n<rule id="GARBAGE">b</rule>', "2: GARBAGE is a special rule"),
        ('<rule id="r">a</rule>\n<rule id="a-b">b</rule>', "2: .*not a valid rule name"),
        ('<rule id="r">\n<ruleref/></rule>', "2: .*uri or special"),
        ('<rule id="r">\n<ruleref uri="#s" type="text/plain"/></rule><rule id="s">a</rule>',
         "2: .*only application/srgs"),
        ('<rule id="r">\n<item repeat="1-2" repeat-prob="2">a</item></rule>', "2: .*repeat-prob"),
        ('<rule id="r">\n<item repeat="3-2">a</item></rule>', "2: .*maximum below its minimum"),
        ('<rule id="r">\n<item repeat="x">a</item></rule>', "2: .*must be n, n-m, or n-"),
        ('<rule id="r">\n<item repeat="0-1000000">a</item></rule>', "2: .*over 64"),
        ('<rule id="r">\n<one-of/></rule>', "2: .*empty"),
        ('<rule id="r">\n<one-of>a</one-of></rule>', "2: .*unexpected text"),
        ('<rule id="r">\n<one-of><item weight="-1">a</item></one-of></rule>', "2: weight"),
        ('<rule id="r">\n<token>a <item>b</item></token></rule>', "2: .*only text"),
        ('<rule id="r">\n<token> </token></rule>', "2: .*empty"),
        ('<rule id="r">\n<item>"a</item></rule>', "2: .*not closed"),
        ('<rule id="r">\n<b>a</b></rule>', "2: <b> is not supported"),
        ('<rule id="r">\n<item xml:lang="fr">a</item></rule>', "2: .*one language"),
        ('<rule id="r">a</rule>\n<rule id="r">b</rule>', "2: .*defined twice"),
        ('<rule id="r">a</rule>\n<rule id="1x">b</rule>', "2: .*not a valid rule name"),
        ('<rule id="r">a</rule>\n<rule id="x" scope="shared">b</rule>', "2: scope"),
        ('\n<rule id="x">a</rule>', "1: root rule 'r'"),
        ('<rule id="r">\n<ruleref special="VOID"/></rule>', "1: nothing can match"),
        ('<rule id="r">\n<item>a</rule>', "2: not well-formed"),
        ('<rule id="r">' + "<item>" * 40 + "a" + "</item>" * 40 + "</rule>", "1: .*levels"),
        ('<rule id="r">' + '<item repeat="64">' * 4 + "a" + "</item>" * 4 + "</rule>",
         "1: .*expands to more than"),
    ],
)  # fmt: skip
def test_unsupported_features_are_refused_with_file_and_line(
    load: Load, body: str, message: str
) -> None:
    with pytest.raises(GrammarError, match=rf"^g\.grxml:{message}") as caught:
        load(body)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("whole", "message"),
    [
        ('<!DOCTYPE grammar [<!ENTITY x "a">]>' + text('<rule id="r">&x;</rule>'), "not allowed"),
        ('<!DOCTYPE grammar SYSTEM "grammar.dtd">' + text('<rule id="r">a</rule>'), "not allowed"),
        (text('<rule id="r">a</rule>').replace('"1.0" xml', '"2.0" xml'), "version"),
        (text('<rule id="r">a</rule>').replace("voice", "speech"), "mode must be"),
        (text('<rule id="r">a</rule>').replace('xml:lang="en-US"', ""), "xml:lang"),
        (text('<rule id="r">a<tag>x</tag></rule>').replace("semantics/1.0", "swi"),
         "needs tag-format .*, not 'swi'"),
        (text('<rule id="r">a</rule>').replace("2001", "2002"), "namespace"),
        (text('<rule id="r">a<tag>x</tag></rule>').replace(' tag-format="semantics/1.0"', ""),
         "needs tag-format"),
        (text('<rule id="r"><ruleref uri="x.grxml"/></rule>').replace(
            "mode=", 'xml:base="http://h/" mode='), "http://h/x.grxml: .*without a path"),
        ("#ABNF 1.0;\nroot $r; $r = a;", "ABNF"),
        ("<?xml version='1.0'?>", "not well-formed"),
    ],
)  # fmt: skip
def test_documents_other_than_grammars_are_refused(load: Load, whole: str, message: str) -> None:
    with pytest.raises(GrammarError, match=rf"^g\.grxml:1: .*{message}"):
        load(whole)


def test_a_key_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    (tmp_path / "g.grxml").write_text(text('<rule id="r">a</rule>'))
    (tmp_path / "g.dtmf.grxml").write_text(text('<rule id="r">12</rule>', "dtmf"))
    with pytest.raises(GrammarError, match=r"^g\.dtmf\.grxml:1: '12' is not a key"):
        Grammars.load(tmp_path)


def test_a_private_rule_stays_in_its_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "h.grxml").write_text(text('<rule id="r">a</rule><rule id="s">b</rule>'))
    (tmp_path / "h.dtmf.grxml").write_text(text(KEYED_ONES, "dtmf"))
    assert values(load('<rule id="r"><ruleref uri="h.grxml"/></rule>'), "a") == ("a",)
    with pytest.raises(GrammarError, match=r"g\.grxml:1: rule s of h\.grxml is private"):
        load('<rule id="r"><ruleref uri="h.grxml#s"/></rule>')


def test_a_spoken_grammar_without_keys_is_refused(tmp_path: Path) -> None:
    (tmp_path / "g.grxml").write_text(text('<rule id="r">a</rule>'))
    with pytest.raises(GrammarError, match=r"g\.dtmf\.grxml is missing beside it"):
        Grammars.load(tmp_path)


def test_missing_huge_and_binary_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GrammarError, match=r"no \.grxml files"):
        Grammars.load(tmp_path / "nowhere")
    (tmp_path / "g.grxml").write_bytes(b"\x00\xff\x00")
    with pytest.raises(GrammarError, match=r"^g\.grxml:\d+: not well-formed"):
        Grammars.load(tmp_path)
    (tmp_path / "g.grxml").write_text(" " * 300_000)
    with pytest.raises(GrammarError, match="larger than 256 KiB"):
        Grammars.load(tmp_path)


def test_an_explosion_of_empty_paths_is_refused(load: Load) -> None:
    choice = '<one-of><item><ruleref special="NULL"/></item><item repeat="0-1">b</item></one-of>'
    with pytest.raises(GrammarError, match=r"^g\.grxml:1: .*paths without words"):
        load('<rule id="r">' + choice * 30 + "</rule>")
