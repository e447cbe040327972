"""What the alternatives of a recognizer mean together: merged by value, ranked, and cut."""

from __future__ import annotations

import pytest

from bot.dialog.decision import points, ways
from bot.hearing.confidence import (
    UNFITTED,
    Sound,
)
from bot.hearing.interpretation import interpret, remainder, without_unknown
from bot.hearing.result import FillerPath, RecognitionResult
from bot.settings import Settings
from bot.turn.entry import Entry
from bot.types import UNKNOWN, Hypothesis, Match, NoMatch
from tests.support.scripted_turn import active

pytestmark = pytest.mark.unit

ACCEPT = points(ways(Settings().costs, "number")).accept
NUMBER = active("digits.grxml?length=4", "universals.grxml")


def heard(words: str, log_likelihood: float) -> Hypothesis:
    return Hypothesis(tuple(words.split()), log_likelihood)


def result(*alternatives: Hypothesis, path: FillerPath | None = None) -> RecognitionResult:
    return RecognitionResult(alternatives, path)


def values(nbest: list[Hypothesis]) -> dict[str, float]:
    found = interpret(NUMBER, result(*nbest), "voice", Sound(), UNFITTED)
    return {one.value: one.confidence for one in found}


def test_alternatives_that_mean_the_same_are_no_rivals() -> None:
    alone = values([heard("four two oh nine", 0.0)])
    both = values([heard("four two oh nine", 0.0), heard("four two zero nine", 0.0)])
    assert both == {"4209": pytest.approx(alone["4209"])}


def test_alternatives_without_a_meaning_lower_the_confidence() -> None:
    alone = values([heard("four two one nine", 0.0)])
    beside = values([heard("four two one nine", 0.0), heard("four two one", 3.0)])
    assert beside["4219"] < alone["4219"]


def test_the_interpretations_share_one_probability() -> None:
    found = values([heard("four two one nine", 0.0), heard("four two one five", -1.0)])
    assert sum(found.values()) == pytest.approx(1.0)


def test_an_alternative_to_an_unlikely_answer_has_no_higher_confidence() -> None:
    nbest = [heard("four two one nine", 0.0), heard("four two one five", -0.3)]
    found = values([*nbest, heard("four two", 6.0)])
    assert list(found) == ["4219", "4215"]
    assert found["4215"] <= found["4219"] < 0.5
    assert sum(found.values()) < 1.0


def test_the_most_probable_value_comes_first_whatever_the_order() -> None:
    nbest = [heard("four two one five", 0.0), heard("four two oh nine", -0.1)]
    nbest.append(heard("four two zero nine", -0.1))
    assert list(values(nbest)) == ["4209", "4215"]


def test_a_less_preferred_reading_of_the_same_words_has_a_lower_weight() -> None:
    any_length = active("digits.grxml?minlength=3&maxlength=4")
    said = result(heard("one twenty three", 0.0))
    found = interpret(any_length, said, "voice", Sound(), UNFITTED)
    assert [one.confidence for one in found] == sorted((o.confidence for o in found), reverse=True)
    assert found[0].confidence > 0.5


def test_unknown_words_are_dropped_around_known_words_and_not_between_them() -> None:
    assert without_unknown((UNKNOWN, "one", UNKNOWN, "two", UNKNOWN)) == ("one", UNKNOWN, "two")
    assert without_unknown((UNKNOWN,)) == ()


def test_a_number_that_is_too_long_offers_its_end() -> None:
    found = remainder(NUMBER, [heard("nine four two one nine", 0.0)], "voice")
    assert [one.value for one in found] == ["4219"]
    assert found[0].grammar == "digits"


@pytest.mark.parametrize(
    "said",
    [
        "four two one nine oh three five eight two seven",
        "nineteen ninety five eight two seven",
        "four two one five eight two seven",
        "four [unk] five eight two seven",
        "nineteen five eight two seven",
        "two seven five eight two seven",
    ],
)
def test_an_end_that_could_be_a_pin_after_a_number_is_not_offered(said: str) -> None:
    assert remainder(NUMBER, [heard(said, 0.0)], "voice") == ()


def test_a_restarted_number_offers_its_end() -> None:
    found = remainder(NUMBER, [heard("four two four two one nine", 0.0)], "voice")
    assert [one.value for one in found] == ["4219"]


def test_a_command_after_nonsense_is_not_the_end_of_a_number() -> None:
    """ "faster" has as many letters as a license number has digits."""
    assert remainder(NUMBER, [heard("two goodbye faster", 0.0)], "voice") == ()


def test_a_number_that_is_too_short_offers_what_was_heard() -> None:
    nbest = [heard("four two", 0.0), heard("four two one", -1.0), heard("blue", -2.0)]
    assert [one.value for one in remainder(NUMBER, nbest, "voice")] == ["42", "421"]


def test_a_limited_number_of_interpretations_is_kept() -> None:
    entry = Entry(NUMBER, max_nbest=2)
    digits = ("one", "two", "six")
    entry.add_spoken(result(*(heard(f"four two one {digit}", 0.0) for digit in digits)))
    found = entry.result(Sound())
    assert isinstance(found, Match)
    assert len(found.nbest) == 2


def test_the_last_partial_result_is_the_last_resort() -> None:
    entry = Entry(NUMBER, 10)
    entry.add_spoken(result(heard("four two one", 0.0)))
    assert isinstance(entry.result(Sound()), NoMatch)
    found = entry.result(Sound(), guess=("four", "two", "one", "nine"))
    assert isinstance(found, Match)
    assert found.best.value == "4219"
    assert found.best.confidence < ACCEPT


def test_no_repr_shows_words_or_values() -> None:
    entry = Entry(NUMBER, 10)
    entry.add_spoken(result(heard("four two one nine", 0.0)))
    entry.add_key("5")
    shown = repr(entry) + repr(entry.result(Sound())) + repr(heard("four two one nine", 0.0))
    assert "four" not in shown
    assert "4219" not in shown
