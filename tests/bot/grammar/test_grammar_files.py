"""The grammar files are tested data: examples, values and rejects, and how they go together."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.grammar import ActiveGrammars, Answer, Grammar
from bot.grammar.check import check
from bot.grammar.phrases import DIGITS
from bot.types import UNKNOWN
from tests.support.grammars import project_grammars
from tests.support.paths import DATA

pytestmark = pytest.mark.unit

EXAMPLES = DATA / "grammars"
GRAMMARS = project_grammars()
FIELDS = ("license_number.grxml?length=6", "pin.grxml", "yesno.grxml", "menu.grxml")


def lines(kind: str) -> list[tuple[str, str]]:
    """Pairs of grammar URI and line out of all data files of a kind."""
    found = []
    for path in sorted(EXAMPLES.glob(f"*.{kind}.txt")):
        uri = ""
        for line in path.read_text().splitlines():
            if line.startswith("[") and line.endswith("]") and "grxml" in line:
                uri = line[1:-1]
            elif line:
                found.append((uri, line))
    return found


def grammar(uri: str) -> Grammar:
    if ".dtmf." in uri:
        return GRAMMARS.get(uri.replace(".dtmf.", ".")).dtmf
    return GRAMMARS.get(uri).voice


def test_every_example_in_every_file_matches() -> None:
    findings = list(check(GRAMMARS))
    assert [fault for finding in findings for fault in finding.faults] == []
    assert sum(len(finding.grammar.examples) for finding in findings) > 60


@pytest.mark.parametrize(("uri", "line"), lines("values"))
def test_an_utterance_has_its_values_in_order(uri: str, line: str) -> None:
    utterance, _, values = line.partition(" = ")
    reading = grammar(uri).match(utterance.split())
    assert reading.answer.complete
    assert list(reading.values) == values.split(", ")


@pytest.mark.parametrize(("uri", "line"), lines("reject"))
def test_an_utterance_that_is_not_in_the_grammar_has_no_value(uri: str, line: str) -> None:
    reading = grammar(uri).match(line.split())
    assert reading.answer in (Answer.NO, Answer.POTENTIAL)
    assert reading.values == ()


@pytest.mark.parametrize("name", GRAMMARS.names)
def test_every_grammar_has_both_lists(name: str) -> None:
    for kind in ("values", "reject"):
        uris = {uri.partition("?")[0] for uri, _ in lines(kind)}
        assert {f"{name}.grxml", f"{name}.dtmf.grxml"} <= uris


@pytest.mark.parametrize("field", FIELDS)
def test_commands_delay_no_complete_answer_of_a_field(field: str) -> None:
    own = GRAMMARS.get(field).voice
    both = ActiveGrammars([GRAMMARS.get(field), GRAMMARS.get("universals.grxml")])
    complete = [text for text in own.phrases() if own.match(text.split()).answer is Answer.MAX]
    complete += [text for text in own.examples if own.match(text.split()).answer is Answer.MAX]
    assert complete
    assert {both.match("voice", text.split()).answer for text in complete} == {Answer.MAX}


@pytest.mark.parametrize("field", FIELDS)
def test_no_spoken_command_has_a_meaning_in_a_field(field: str) -> None:
    own = GRAMMARS.get(field).voice
    for command in GRAMMARS.get("universals.grxml").voice.phrases():
        assert own.match(command.split()).answer in (Answer.NO, Answer.POTENTIAL)


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_accepts_single_digit_words_and_keys_among_words(field: str) -> None:
    own = GRAMMARS.get(field).voice
    for word, key in (("one", "1"), ("two", "2")):
        assert own.match([word]).answer is not Answer.NO
        assert own.match([key]) == own.match([word])


def test_a_menu_option_has_a_word_a_digit_and_a_key() -> None:
    menu = GRAMMARS.get("menu.grxml")
    for option in (("status", "one", "1"), ("activity", "two", "2"), ("renewal", "three", "3")):
        spoken, digit, key = option
        values = {
            menu.voice.match([spoken]).values,
            menu.voice.match([digit]).values,
            menu.dtmf.match([key]).values,
        }
        assert values == {(spoken,)}


def test_key_zero_can_be_continued_in_a_number_and_not_in_a_menu() -> None:
    universals = GRAMMARS.get("universals.grxml")
    number = ActiveGrammars([GRAMMARS.get("license_number.grxml?length=6"), universals])
    menu = ActiveGrammars([GRAMMARS.get("menu.grxml"), universals])
    heard = number.match("dtmf", ["0"])
    assert heard.answer is Answer.MATCH
    assert heard.values == (("universals", "representative"),)
    assert heard.partial == ("0",)
    assert number.match("dtmf", ["0", "4"]).answer is Answer.POTENTIAL
    assert menu.match("dtmf", ["0"]).answer is Answer.MAX


def test_a_command_after_an_answer_is_the_command() -> None:
    universals = GRAMMARS.get("universals.grxml")
    for field, said in (("yesno.grxml", "no"), ("pin.grxml", "four two one nine")):
        active = ActiveGrammars([GRAMMARS.get(field), universals])
        heard = active.match("voice", f"{said} go back".split())
        assert (heard.answer, heard.values) == (Answer.MAX, (("universals", "startover"),))


def test_a_command_after_the_beginning_of_an_entry_is_the_command() -> None:
    active = ActiveGrammars(
        [GRAMMARS.get("pin.grxml"), GRAMMARS.get("universals.grxml")],
    )
    spoken = active.match("voice", ["four", "two", "start", "over"])
    assert (spoken.answer, spoken.values) == (Answer.MAX, (("universals", "startover"),))
    assert active.match("voice", ["four", "two", "start"]).answer is Answer.POTENTIAL
    keyed = active.match("dtmf", ["4", "2", "*"])
    assert (keyed.answer, keyed.values) == (Answer.MAX, (("universals", "repeat"),))
    assert keyed.partial == ("42",)
    assert active.match("voice", ["help", "four", "two"]).answer is Answer.NO
    assert active.match("voice", ["four", "[unk]", "two", "help"]).answer is Answer.NO


def test_words_missing_from_a_model_are_left_out_of_the_phrases_and_still_understood() -> None:
    pairs = [GRAMMARS.get("menu.grxml"), GRAMMARS.get("universals.grxml")]
    active = ActiveGrammars(pairs).without(["over", "account"])
    words = {word for phrase in active.phrases() for word in phrase.split()}
    assert not words & {"over", "account"}
    assert {"start", "over", "account"} <= set(active.words())
    assert active.match("voice", ["start", "over"]).answer is Answer.MAX


@pytest.mark.parametrize("field", FIELDS)
def test_a_one_word_command_that_the_model_lacks_is_not_a_phrase(field: str) -> None:
    pairs = [GRAMMARS.get(field), GRAMMARS.get("universals.grxml")]
    active = ActiveGrammars(pairs, asides=GRAMMARS.asides).without(["goodbye", "supervisor"])
    words = {word for phrase in active.phrases() for word in phrase.split()}
    assert not words & {"goodbye", "supervisor"}
    assert active.match("voice", ["goodbye"]).answer is Answer.MAX


@pytest.mark.parametrize("field", ["digits.grxml", "pin.grxml", "license_number.grxml?length=6"])
def test_the_recognizer_gets_no_order_of_digits(field: str) -> None:
    phrases = GRAMMARS.get(field).voice.phrases()
    assert not [phrase for phrase in phrases if " " in phrase]
    counts = Counter(phrases)
    assert {counts[word] for word in DIGITS} == {200}
    assert {"double", "triple", "hundred", "twenty", "nineteen", "please"} <= set(phrases)


@pytest.mark.parametrize("field", FIELDS)
def test_the_unknown_word_is_about_one_in_twelve(field: str) -> None:
    active = ActiveGrammars([GRAMMARS.get(field), GRAMMARS.get("universals.grxml")])
    phrases = [*active.phrases(), UNKNOWN]
    assert phrases.count(UNKNOWN) / len(phrases) == pytest.approx(1 / 12, abs=0.01)


def test_a_model_without_an_unknown_word_does_not_get_one() -> None:
    active = ActiveGrammars([GRAMMARS.get("pin.grxml")])
    assert UNKNOWN in active.words()
    assert UNKNOWN in active.phrases()
    assert UNKNOWN not in active.without([UNKNOWN]).phrases()
