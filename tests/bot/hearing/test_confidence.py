"""How sure an answer is, and what the alternatives of a recognizer mean together."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialog.decision import points, ways
from bot.hearing.confidence import (
    UNFITTED,
    Confidence,
    ConfidenceParameters,
    Evidence,
    Logistic,
    RescoredEvidence,
    Sound,
    features,
    shares,
)
from bot.hearing.interpretation import interpret
from bot.hearing.result import FillerPath, MorePasses, RecognitionResult
from bot.interfaces import Rescored
from bot.settings import Settings
from bot.turn.entry import Entry
from bot.types import Hypothesis, Interpretation, Match
from tests.support.scripted_turn import active

pytestmark = pytest.mark.unit

ACCEPT = points(ways(Settings().costs, "number")).accept
NUMBER = active("digits.grxml?length=4", "universals.grxml")
confidence = UNFITTED.probability


def heard(words: str, log_likelihood: float) -> Hypothesis:
    return Hypothesis(tuple(words.split()), log_likelihood)


def result(*alternatives: Hypothesis, path: FillerPath | None = None) -> RecognitionResult:
    return RecognitionResult(alternatives, path)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=50))
def test_shares_are_a_distribution_that_follows_the_likelihoods(likelihoods: list[float]) -> None:
    found = shares(likelihoods)
    assert sum(found) == pytest.approx(1.0)
    assert found[likelihoods.index(max(likelihoods))] == max(found)


def test_no_alternatives_have_no_shares() -> None:
    assert shares([]) == []


distances = st.none() | st.floats(-1e4, 1e4)


@given(distances, distances)
def test_a_confidence_is_a_probability(other: float | None, nothing: float | None) -> None:
    evidence = Evidence(other, nothing, 4, Sound(1_000, 30.0))
    assert 0.0 < confidence(evidence) < 1.0
    assert evidence.words_per_second == 4.0


@given(st.floats(0, 20), st.floats(0.01, 5), st.floats(-20, 20))
def test_confidence_grows_with_the_distance_of_other_meanings(
    other: float, farther: float, nothing: float
) -> None:
    near = confidence(Evidence(other, nothing, 4, Sound()))
    far = confidence(Evidence(other + farther, nothing, 4, Sound()))
    assert far >= near


@given(st.floats(0, 20), st.floats(-20, 20), st.floats(0.01, 5))
def test_confidence_grows_with_the_distance_of_the_filler_path(
    other: float, nothing: float, farther: float
) -> None:
    near = confidence(Evidence(other, nothing, 4, Sound()))
    far = confidence(Evidence(other, nothing + farther, 4, Sound()))
    assert far >= near


def test_two_equally_likely_meanings_have_at_most_even_odds() -> None:
    assert confidence(Evidence(0.0, None, 6, Sound())) < 0.5


def test_an_entry_without_an_alternative_is_accepted() -> None:
    assert confidence(Evidence(None, None, 6, Sound())) > ACCEPT


WATCHFUL = Confidence(
    Logistic(0.0, {"filler": 0.5}), Logistic(0.0, {"filler": 0.5, "unknown": -1.0})
)
"""Goes by fillers alone."""


def sure_of(words: str, path: FillerPath | None, *uris: str) -> float:
    said = result(heard(words, 0.0), path=path)
    return interpret(active(*uris), said, "voice", Sound(), WATCHFUL)[0].confidence


def test_an_ambiguous_entry_has_lower_confidence() -> None:
    number = ("digits.grxml?length=4", "universals.grxml")
    alone = sure_of("four two one nine", None, *number)
    far = sure_of("four two one nine", FillerPath(-6.0, 0), *number)
    near = sure_of("four two one nine", FillerPath(4.0, 5), *number)
    assert near < 0.5 < far < alone


def test_numbers_and_commands_have_separate_weights() -> None:
    path = FillerPath(-2.0, 2)
    number = sure_of("four two one nine", path, "digits.grxml?length=4", "universals.grxml")
    command = sure_of("yes", path, "yesno.grxml", "universals.grxml")
    assert command < 0.5 < number


def of(number: float, command: float, both: Confidence | None = None) -> Confidence:
    return Confidence(Logistic(number, {}), Logistic(command, {}), both)


PAIR = of(0.0, 0.0, both=of(1.0, -1.0))


def test_results_of_two_models_have_separate_weights() -> None:
    def sure(both: bool, number: bool) -> float:
        return PAIR.probability(Evidence(None, None, 6, Sound(), number=number, both=both))

    assert sure(False, True) == sure(False, False) == 0.5
    assert sure(True, True) == pytest.approx(0.731, abs=0.001)
    assert sure(True, False) == pytest.approx(0.269, abs=0.001)


ENTRIES = (None, "yes", "4219")


def entry_of(value: str | None) -> Interpretation | None:
    return None if value is None else Interpretation(value, value, 0.99, "voice", "any")


@pytest.mark.parametrize("value", ENTRIES)
def test_a_second_model_hears_every_entry_that_has_weights_for_it(value: str | None) -> None:
    assert PAIR.asks(entry_of(value)) == MorePasses(second=True)
    assert of(0.0, 0.0).asks(entry_of(value)) == MorePasses()


@pytest.mark.parametrize("value", ENTRIES)
def test_words_are_spotted_when_the_weights_of_their_kind_use_it(value: str | None) -> None:
    commands = Confidence(Logistic(0.0, {}), Logistic(0.0, {"spotted_most": 1.0}))
    assert of(0.0, 0.0, both=commands).asks(entry_of(value)).spotter == (value != "4219")
    numbers = Confidence(Logistic(0.0, {"spotted_least": 1.0}), Logistic(0.0, {}))
    assert of(0.0, 0.0, both=numbers).asks(entry_of(value)).spotter == (value == "4219")


@pytest.mark.parametrize("value", ENTRIES)
def test_a_rescorer_replaces_the_second_model(value: str | None) -> None:
    commands = Confidence(Logistic(0.0, {}), Logistic(0.0, {"spotted_most": 1.0}))
    here = replace(PAIR, rescored=commands).beside(rescorer=True)
    assert here.asks(entry_of(value)) == MorePasses(rescorer=True, spotter=value != "4219")


def test_without_a_rescorer_or_weights_for_one_the_second_model_is_used() -> None:
    assert replace(PAIR, rescored=PAIR).beside(rescorer=False) == PAIR
    assert PAIR.beside(rescorer=True) == PAIR


def test_results_of_a_rescorer_have_separate_weights() -> None:
    weights = {"rescored_other": 0.5, "rescored_against": 1.0, "rescored_behind": -2.0}
    fitted = replace(PAIR, rescored=Confidence(Logistic(1.0, weights), Logistic(0.0, {})))

    def sure(over_other: float | None, behind: float) -> float:
        said = RescoredEvidence(over_other, behind)
        return fitted.probability(Evidence(None, None, 4, Sound(), rescored=said))

    assert sure(2.0, 1.0) == pytest.approx(0.5)
    assert sure(-2.0, 0.0) == pytest.approx(0.119, abs=0.001)
    assert sure(None, 3.5) == pytest.approx(0.5)
    assert sure(-30.0, 30.0) == pytest.approx(0.0, abs=1e-6)
    assert fitted.probability(Evidence(None, None, 4, Sound())) == 0.5


def said_by_a_rescorer(*words: str) -> RescoredEvidence | None:
    """What is known of "four two" where each of these is as likely as its place says."""
    scores = {tuple(said.split()): Rescored(-float(at), at / 2) for at, said in enumerate(words, 1)}
    noting = Noting()
    said = replace(result(heard("four two", 0.0), heard("four four", -1.0)), rescored=scores)
    interpret(active("digits.grxml?length=2"), said, "voice", Sound(), noting)
    return noting.evidence[-1].rescored


@pytest.mark.parametrize(
    ("words", "evidence"),
    [
        (("four two", "four four"), RescoredEvidence(1.0, 0.5)),
        (("four", "four four", "four two"), RescoredEvidence(-2.0, 1.5)),
        (("four two", "forty two"), RescoredEvidence(1.0, 0.5)),
        (("four two",), RescoredEvidence(None, 0.5)),
        (("four four",), None),
        ((), None),
    ],
)
def test_the_first_meaning_is_compared_with_all_other_words(
    words: tuple[str, ...], evidence: RescoredEvidence | None
) -> None:
    assert said_by_a_rescorer(*words) == evidence


@pytest.mark.parametrize(
    ("own", "distance"),
    [
        ({"four two": -1.0, "four": -4.0}, 3.0),
        ({"four two": -4.0, "four": -1.0}, -3.0),
        ({"four two": -1.0}, math.inf),
        ({"four": -1.0}, -math.inf),
        ({}, 0.0),
    ],
)
def test_a_rescorers_own_hypotheses_are_compared_separately(
    own: dict[str, float], distance: float
) -> None:
    scores = {
        tuple(said.split()): Rescored(-1.0, own=own.get(said))
        for said in ("four two", "four four", "four")
    }
    noting = Noting()
    said = replace(result(heard("four two", 0.0), heard("four four", -1.0)), rescored=scores)
    interpret(active("digits.grxml?length=2"), said, "voice", Sound(), noting)
    found = noting.evidence[-1].rescored
    assert found is not None
    assert found.own == distance
    of_it = features(noting.evidence[-1])
    assert of_it["rescored_own"] == max(-8.0, min(8.0, distance))
    assert of_it["rescored_own_first"] == (distance > 0)


def test_likelihoods_of_an_entry_in_two_parts_are_added() -> None:
    noting = Noting()
    entry = Entry(active("digits.grxml?length=2"), 10, noting)
    for word, other in (("four", "five"), ("two", "three")):
        scores: dict[tuple[str, ...], Rescored] = {(word,): Rescored(-1.0, 0.5)}
        scores[other,] = Rescored(-3.0, 2.0)
        entry.add_spoken(replace(result(heard(word, 0.0), path=FillerPath()), rescored=scores))
    entry.result(Sound())
    assert noting.evidence[-1].rescored == RescoredEvidence(2.0, 1.0)


def test_features_are_clipped_to_their_limits() -> None:
    far = Evidence(50.0, 50.0, 1, Sound(500, 60.0), -50.0, number=False, spotted=(20.0,))
    found = features(far, ConfidenceParameters(farthest=6.0, clear_db=20.0, spotted=3.0))
    assert (found["nothing"], found["filler"], found["other"]) == (6.0, -6.0, 4.0)
    assert (found["snr"], found["spotted_most"]) == (2.0, 3.0)


def test_an_entry_heard_partly_by_both_models_counts_as_heard_by_both() -> None:
    entry = Entry(NUMBER, 10, PAIR)
    first = result(heard("four two", 0.0), path=FillerPath())
    second = replace(result(heard("one nine", 0.0), path=FillerPath()), fused=True)
    assert matched(entry, first, second).confidence == pytest.approx(0.731, abs=0.001)


def matched(entry: Entry, *parts: RecognitionResult) -> Interpretation:
    """What the entry means once these were said."""
    for part in parts:
        entry.add_spoken(part)
    found = entry.result(Sound())
    assert isinstance(found, Match)
    return found.best


def test_an_entry_is_judged_by_the_filler_paths_of_all_its_spoken_parts() -> None:
    def entered(*paths: FillerPath | None) -> float:
        pairs = zip(("four two", "one nine"), paths, strict=True)
        parts = [result(heard(words, 0.0), path=path) for words, path in pairs]
        return matched(Entry(NUMBER, 10, WATCHFUL), *parts).confidence

    both = entered(FillerPath(3.0, 1), FillerPath(1.0, 1))
    assert both == pytest.approx(WATCHFUL.number.probability({"filler": -4.0}))
    assert entered(FillerPath(3.0, 1), None) == entered(None, None) > both


def test_keys_have_no_filler_path() -> None:
    entry = Entry(NUMBER, 10, WATCHFUL)
    entry.add_spoken(result(heard("four two", 0.0), path=FillerPath(-4.0, 0)))
    for key in "19":
        entry.add_key(key)
    best = matched(entry)
    assert best.confidence == pytest.approx(WATCHFUL.number.probability({"filler": 4.0}))


def test_the_reach_of_an_entry_is_that_of_its_shortest_part() -> None:
    entry = Entry(NUMBER, 10, noting := Noting())
    for words, reach in (("four two", 2.0), ("one nine", 4.0)):
        entry.add_spoken(replace(result(heard(words, 0.0), path=FillerPath()), reach=reach))
    matched(entry)
    assert noting.evidence[-1].reach == 2.0


@given(distances, distances, distances, st.integers(0, 9), st.integers(0, 60_000))
def test_features_are_finite_whatever_was_measured(
    other: float | None, nothing: float | None, filler: float | None, words: int, speech_ms: int
) -> None:
    evidence = Evidence(other, nothing, words, Sound(speech_ms, -7.0), filler, words, number=False)
    assert all(abs(value) <= 20 for value in features(evidence).values())


@pytest.mark.parametrize(
    ("spotted", "least", "most"),
    [((), 0.0, 0.0), ((2.5, -1.0), -1.0, 2.5), ((-30.0, 30.0), -8.0, 8.0)],
)
def test_the_lowest_and_the_highest_spotted_word_are_features(
    spotted: tuple[float, ...], least: float, most: float
) -> None:
    found = features(Evidence(None, None, 2, Sound(), number=False, spotted=spotted))
    assert (found["spotted_least"], found["spotted_most"]) == (least, most)


def test_no_repr_shows_words_or_spotted_words() -> None:
    printed = repr(RecognitionResult((heard("seven", 0.0),), spotted={"seven": 4.0}))
    assert "seven" not in printed


def spotted(*parts: dict[str, float]) -> tuple[float, ...]:
    """The evidence for "start over" that was said in these parts."""
    entry = Entry(active("menu.grxml", "universals.grxml"), 5, noting := Noting())
    for word, heard_there in zip(("start", "over"), parts, strict=True):
        said = result(heard(word, 0.0), path=FillerPath())
        entry.add_spoken(replace(said, fused=True, spotted=heard_there))
    entry.result(Sound())
    return noting.evidence[-1].spotted


class Noting(Confidence):
    """Keeps the evidence."""

    def __init__(self) -> None:
        super().__init__(Logistic(0.0, {}), Logistic(0.0, {}))
        object.__setattr__(self, "evidence", [])

    evidence: list[Evidence]

    def probability(self, evidence: Evidence) -> float:
        self.evidence.append(evidence)
        return 0.5


def test_each_word_of_an_entry_in_two_parts_is_spotted_in_its_own_part() -> None:
    first, then = {"start": 3.0, "over": -4.0}, {"start": -5.0, "over": 2.0}
    assert spotted(first, then) == (3.0, 2.0)


def test_a_part_without_spotting_leaves_the_entry_without_spotting() -> None:
    assert spotted({"start": 3.0, "over": -4.0}, {}) == ()
