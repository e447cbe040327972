"""What two models heard, as if one had."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hearing.model_fusion import fused, reach_of
from bot.hearing.result import FillerPath, RecognitionResult
from bot.types import Hypothesis

pytestmark = pytest.mark.unit

BEAM, MOST, WEIGHT = 4.0, 10, 0.5


def heard(
    *alternatives: tuple[str, float], filler: float = 0.0, unknown: int = 0, most: int = MOST
) -> RecognitionResult:
    found = tuple(Hypothesis(tuple(words.split()), likely) for words, likely in alternatives)
    return RecognitionResult(found, FillerPath(filler, unknown), reach_of(found, BEAM, most))


def listed(found: RecognitionResult) -> list[tuple[str, float]]:
    return [(" ".join(one.words), one.log_likelihood) for one in found.alternatives]


def test_the_more_confident_model_decides() -> None:
    first = heard(("four five", 60.0), ("four nine", 59.5))
    second = heard(("four nine", 80.0), ("four five", 77.0))
    assert listed(fused(first, second, MOST, WEIGHT)) == [
        ("four nine", 59.5 + WEIGHT * 80.0),
        ("four five", 60.0 + WEIGHT * 77.0),
    ]


def test_a_hypothesis_missing_from_one_model_has_its_beam_limit_as_score() -> None:
    both = fused(heard(("four", 9.0)), heard(("five", 5.0), ("four", 4.0)), MOST, WEIGHT)
    assert listed(both) == [
        ("four", 9.0 + WEIGHT * 4.0),
        ("five", 9.0 - BEAM + WEIGHT * 5.0),
    ]


def test_a_hypothesis_missing_from_both_models_lies_beyond_both_beams() -> None:
    agreed = fused(heard(("four", 9.0)), heard(("four", 5.0)), MOST, WEIGHT)
    assert agreed.reach == BEAM + WEIGHT * BEAM
    apart = fused(heard(("four", 9.0)), heard(("five", 5.0)), MOST, WEIGHT)
    assert apart.reach == BEAM


def test_a_full_list_of_alternatives_leaves_the_rest_unknown() -> None:
    alternatives = (("four", 0.0), ("five", -0.5), ("nine", -1.5))
    assert heard(*alternatives, most=3).reach == 1.5
    assert heard(*alternatives, most=4).reach == BEAM


def test_each_model_has_its_own_best_filler_path() -> None:
    first = heard(("four", 9.0), filler=12.0, unknown=2)
    second = heard(("four", 5.0), filler=4.0, unknown=1)
    both = fused(first, second, MOST, WEIGHT)
    assert both.fused
    assert both.filler_path == FillerPath(12.0 + WEIGHT * 4.0, 2)
    assert both.reach == BEAM + WEIGHT * BEAM


LISTS = st.dictionaries(
    st.sampled_from(["one", "two", "three", "four"]), st.floats(-BEAM, 0), min_size=1
).map(lambda found: heard(*sorted(found.items(), key=lambda one: -one[1])))


@given(LISTS, LISTS)
def test_no_alternative_is_lost_and_the_reach_bounds_the_others(
    first: RecognitionResult, second: RecognitionResult
) -> None:
    both = fused(first, second, 100, WEIGHT)
    assert {words for words, _ in listed(both)} == {
        words for one in (first, second) for words, _ in listed(one)
    }
    likelihoods = [likely for _, likely in listed(both)]
    assert likelihoods == sorted(likelihoods, reverse=True)
    behind = first.at_most + WEIGHT * second.at_most
    assert both.at_most == pytest.approx(behind)


@given(LISTS)
def test_a_model_that_agrees_keeps_the_order(first: RecognitionResult) -> None:
    assert listed(fused(first, first, MOST, WEIGHT))[0][0] == listed(first)[0][0]
