"""One unknown word inside a number."""

from __future__ import annotations

import pytest

from bot.hearing.confidence import Sound
from bot.hearing.missing_digit import around_gaps
from bot.hearing.result import RecognitionResult
from bot.turn.entry import Entry
from bot.types import Hypothesis, Match, NoMatch
from tests.support.scripted_turn import active

pytestmark = pytest.mark.unit

NUMBER = active("license_number.grxml?length=6", "universals.grxml")


def said(*alternatives: str) -> tuple[Hypothesis, ...]:
    return tuple(Hypothesis(tuple(one.split()), -index) for index, one in enumerate(alternatives))


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("four two [unk] nine oh three", "42?903"),
        ("four two one [unk] oh three", "421?03"),
        ("my number is four two [unk] nine oh three please", "42?903"),
        ("forty two [unk] nine oh three", "42?903"),
        ("double four [unk] nine oh three", "44?903"),
    ],
)
def test_the_digits_around_an_unknown_word_are_known(words: str, digits: str) -> None:
    (found,) = around_gaps(NUMBER, said(words), "voice")
    assert found.value == digits


@pytest.mark.parametrize(
    "words",
    [
        "four two one nine oh three",
        "four [unk] one [unk] oh three",
        "four two [unk] nine oh",
        "[unk] two one nine oh",
        "four two [unk] nine oh three two",
        "[unk]",
    ],
)
def test_only_exactly_one_missing_digit_is_a_gap(words: str) -> None:
    assert around_gaps(NUMBER, said(words), "voice") == ()


def test_a_gap_is_preferred_to_the_prefix_before_it() -> None:
    entry = Entry(NUMBER, 10)
    entry.add_spoken(RecognitionResult(said("four two one [unk] oh three")))
    result = entry.result(Sound())
    assert isinstance(result, NoMatch)
    assert [one.value for one in result.partial] == ["421?03"]


def test_a_complete_alternative_is_preferred_to_every_gap() -> None:
    entry = Entry(NUMBER, 10)
    heard = said("four two [unk] nine oh three", "four two one nine oh three")
    entry.add_spoken(RecognitionResult(heard))
    assert isinstance(entry.result(Sound()), Match)
