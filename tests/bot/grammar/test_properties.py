"""What holds for every utterance: samples match, prefixes are possible, digits read as digits."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grammar import ActiveGrammars, Answer, Grammar
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.unit

GRAMMARS = project_grammars()
PAIRS = [GRAMMARS.get(f"{name}.grxml") for name in GRAMMARS.names]
PAIRS += [GRAMMARS.get(f"digits.grxml?length={length}") for length in (1, 4, 6)]
PAIRS += [GRAMMARS.get("license_number.grxml?minlength=5&maxlength=7")]
ALL = [grammar for pair in PAIRS for grammar in (pair.voice, pair.dtmf)]

grammars = st.sampled_from(ALL)
seeds = st.integers(0, 2**32)
words = st.sampled_from(
    sorted({word for pair in PAIRS for word in pair.voice.words()} | {"[unk]", "7", "xyzzy"})
)
digits = st.text("0123456789", min_size=1, max_size=12)

DIGIT_WORDS = {
    "0": ("zero", "oh"),
    **{
        str(value): (word,)
        for value, word in enumerate(
            ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), start=1
        )
    },
}
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def spoken(number: str, random: Random) -> list[str]:
    """Digit words for a string, now and then a key or a double."""
    said: list[str] = []
    index = 0
    while index < len(number):
        digit = number[index]
        word = random.choice(DIGIT_WORDS[digit])
        if number[index : index + 2] == digit * 2 and random.random() < 0.5:
            said += ["double", word]
            index += 2
            continue
        said.append(digit if random.random() < 0.2 else word)
        index += 1
    return said


@given(grammars, seeds)
def test_a_sample_matches(grammar: Grammar, seed: int) -> None:
    sentence = grammar.sample(Random(seed))
    assert sentence
    assert grammar.match(sentence.split()).answer.complete


@given(grammars, seeds)
def test_every_prefix_of_a_sample_is_possible(grammar: Grammar, seed: int) -> None:
    tokens = grammar.sample(Random(seed)).split()
    for end in range(len(tokens)):
        assert grammar.match(tokens[:end]).answer is not Answer.NO


@given(digits, seeds)
def test_digits_spoken_one_by_one_or_keyed_between_are_that_string(number: str, seed: int) -> None:
    said = spoken(number, Random(seed))
    assert GRAMMARS.get("digits.grxml").voice.match(said).values == (number,)
    exact = GRAMMARS.get(f"digits.grxml?length={len(number)}")
    assert exact.voice.match(said).answer is Answer.MAX
    assert exact.voice.match(said).values == (number,)
    assert exact.dtmf.match(list(number)).values == (number,)


@given(digits, seeds)
def test_a_number_that_is_too_short_can_be_continued_and_its_digits_are_known(
    number: str, seed: int
) -> None:
    said = spoken(number, Random(seed))
    longer = GRAMMARS.get(f"digits.grxml?length={len(number) + 1}").voice.match(said)
    assert longer.answer is Answer.POTENTIAL
    assert longer.partial == (number,)


@given(st.text("0123456789", min_size=2, max_size=12), seeds)
def test_a_number_that_is_too_long_is_refused(number: str, seed: int) -> None:
    said = spoken(number, Random(seed))
    shorter = GRAMMARS.get(f"digits.grxml?length={len(number) - 1}").voice
    assert shorter.match(said).answer is Answer.NO


@given(st.sampled_from(TENS), st.integers(1, 9), digits)
def test_a_tens_word_and_a_digit_word_always_make_a_pair(tens: str, unit: int, before: str) -> None:
    said = [DIGIT_WORDS[digit][0] for digit in before] + [tens, DIGIT_WORDS[str(unit)][0]]
    pair = f"{TENS.index(tens) + 2}{unit}"
    assert GRAMMARS.get("digits.grxml").voice.match(said).values == (before + pair,)


@given(grammars, st.lists(words, max_size=8))
def test_match_results_are_consistent(grammar: Grammar, tokens: list[str]) -> None:
    reading = grammar.match(tokens)
    assert reading == grammar.match(tuple(tokens))
    assert bool(reading.values) == reading.answer.complete
    assert len(set(reading.values)) == len(reading.values)
    if reading.answer is Answer.NO:
        assert grammar.match([*tokens, "one"]).answer is Answer.NO or tokens[-1] == "[unk]"


@given(grammars, seeds, words)
def test_nothing_after_max_changes_the_meaning(grammar: Grammar, seed: int, word: str) -> None:
    tokens = grammar.sample(Random(seed)).split()
    reading = grammar.match(tokens)
    further = grammar.match([*tokens, word])
    if reading.answer is Answer.MAX:
        assert set(further.values) <= set(reading.values)


def test_a_few_of_very_many_readings_are_kept_for_every_length() -> None:
    tokens = ["six", "hundred", "twenty", "oh"] * 10
    values = GRAMMARS.get("digits.grxml").voice.match(tokens).values
    lengths = Counter(len(value) for value in values)
    assert set(lengths) == set(range(40, 61, 2))
    assert max(lengths.values()) <= 8
    exact = GRAMMARS.get("digits.grxml?length=44").voice.match(tokens)
    assert exact.values
    assert {len(value) for value in exact.values} == {44}


@given(st.sampled_from(["voice", "mixed", "dtmf"]), st.lists(words, max_size=8))
def test_active_grammars_match_what_their_parts_match(mode: str, tokens: list[str]) -> None:
    pairs = [GRAMMARS.get("pin.grxml"), GRAMMARS.get("universals.grxml")]
    heard = ActiveGrammars(pairs).match(mode, tokens)  # type: ignore[arg-type]
    parts = [(pair.dtmf if mode == "dtmf" else pair.voice).match(tokens) for pair in pairs]
    if any(part.answer is not Answer.NO for part in parts):
        expected = tuple(value for part in parts for value in part.values)
        assert tuple(value for _, value in heard.values) == expected
        assert heard.answer.complete == bool(expected)


def test_the_repr_of_a_reading_hides_its_value() -> None:
    reading = GRAMMARS.get("pin.grxml").voice.match(["four", "two", "one", "nine"])
    heard = ActiveGrammars([GRAMMARS.get("pin.grxml")]).match("dtmf", list("4219"))
    partial = GRAMMARS.get("pin.grxml").dtmf.match(list("421"))
    assert reading.values == ("4219",)
    for shown in (repr(reading), repr(heard), repr(partial)):
        assert "42" not in shown
