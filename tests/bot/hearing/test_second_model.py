"""A second model hears the same audio as the first, where there is no rescorer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.grammar import ActiveGrammars
from bot.hearing.confidence import Confidence, Logistic
from bot.hearing.ensemble import Ensemble, Member
from bot.hearing.listener import Listener
from bot.hearing.workers import InlineWorkers
from bot.interfaces import Spotter
from bot.turn.collect import Collected, collect
from bot.turn.options import CollectOptions
from bot.types import AudioFrame, Interpretation, Match, Properties
from tests.support.fakes import RATE, WORD_MS, FakeDetector, FakeRecognition, FakeRecognizer, spoken
from tests.support.scripted_collect import Prompt, Script
from tests.support.scripted_turn import active

pytestmark = pytest.mark.unit

SAID, MISHEARD = "four two one nine oh three", "four two one five oh three"
NUMBER = active("digits.grxml?length=6", "universals.grxml")
YES_NO = active("yesno.grxml", "universals.grxml")

SURE, UNSURE, OF_BOTH = 4.0, 0.0, 1.0
"""Log odds of 0.98, of 0.5 and of 0.73."""


FILLERS = ("_b _eh _d", "_k _ae _t")


class Keeper(FakeRecognizer):
    """Keeps the phrase lists that it was told."""

    def __init__(self, alternatives: Sequence[tuple[str, str, float]] = ()) -> None:
        super().__init__(alternatives)
        self.told: list[tuple[str, ...]] = []

    def start(
        self, phrases: Sequence[str], rate: int, max_nbest: int, *, wide: bool = False
    ) -> FakeRecognition:
        self.told.append(tuple(phrases))
        return super().start(phrases, rate, max_nbest, wide=wide)


class Pair:
    """One hears SAID as MISHEARD; the model beside it hears what is said."""

    def __init__(self, spotter: Spotter | None = None) -> None:
        self.beside = Keeper()
        self.first = Member(Keeper([(SAID, MISHEARD, 0.5)]), FILLERS)
        self.ensemble = Ensemble(self.first, Member(self.beside, FILLERS), spotter)


def so_sure(number: float, *, both: bool = True) -> Confidence:
    """A fixed log odds for each number that the first model hears; commands are sure."""
    of_both = Confidence(Logistic(OF_BOTH, {}), Logistic(OF_BOTH, {}))
    return Confidence(Logistic(number, {}), Logistic(SURE, {}), of_both if both else None)


def collected(
    pair: Ensemble, confidence: Confidence, words: str = SAID, field: ActiveGrammars = NUMBER
) -> Collected:
    listener = Listener(pair, FakeDetector(), InlineWorkers(), RATE)
    listening = CollectOptions(field, Properties(), confidence=confidence)
    return asyncio.run(collect(listener, Script(spoken(words), 3_000), Prompt(), listening, 0))


def heard(
    pair: Ensemble, confidence: Confidence, words: str = SAID, field: ActiveGrammars = NUMBER
) -> Interpretation:
    found = collected(pair, confidence, words, field).result
    assert isinstance(found, Match)
    return found.best


def test_a_number_is_heard_by_both_models_and_has_their_confidence() -> None:
    pair = Pair()
    best = heard(pair.ensemble, so_sure(UNSURE))
    assert (best.value, round(best.confidence, 3)) == ("421903", 0.731)
    plain, among = pair.beside.told
    assert plain == NUMBER.phrases()
    assert set(among) > set(FILLERS)


@pytest.mark.parametrize("both", [True, False])
def test_the_record_of_a_turn_says_that_a_second_model_was_asked(both: bool) -> None:
    confidence = so_sure(UNSURE, both=both)
    notes = [note for _, note in collected(Pair().ensemble, confidence).timeline]
    assert ("a second model heard it, too" in notes) == both


def test_every_command_is_heard_by_both_models() -> None:
    pair = Pair()
    best = heard(pair.ensemble, so_sure(SURE), "yes", YES_NO)
    assert (best.value, round(best.confidence, 3)) == ("yes", 0.731)
    assert pair.beside.told[0] == YES_NO.phrases()


def test_the_first_model_decides_without_a_second_model_or_weights_for_both() -> None:
    unweighed = Pair()
    assert heard(unweighed.ensemble, so_sure(UNSURE, both=False)).value == "421503"
    assert unweighed.beside.told == []
    best = heard(Ensemble(Pair().first), so_sure(UNSURE))
    assert (best.value, best.confidence) == ("421503", 0.5)


class SpottingWords:
    """Finds "yes" in everything, and keeps what it was given."""

    def __init__(self) -> None:
        self.given: list[int] = []

    def spot(self, utterance: AudioFrame) -> dict[str, float]:
        self.given.append(utterance.duration_ms)
        return {"yes": 3.0, "no": -3.0}


def by_spotting() -> Confidence:
    """Commands of both models are as sure as the spotter; a number is, where one is there."""
    of_both = Confidence(Logistic(SURE, {}), Logistic(0.0, {"spotted_least": 1.0}))
    return Confidence(Logistic(SURE, {}), Logistic(SURE, {}), of_both)


@pytest.mark.parametrize(("said", "sure"), [("yes", 0.953), ("no", 0.047)])
def test_words_of_a_command_are_spotted_in_the_results_of_both_models(
    said: str, sure: float
) -> None:
    spotting = SpottingWords()
    best = heard(Pair(spotting).ensemble, by_spotting(), said, YES_NO)
    assert (best.value, round(best.confidence, 3)) == (said, sure)
    assert all(ms >= WORD_MS for ms in spotting.given)


@pytest.mark.parametrize("confidence", [so_sure(SURE), so_sure(UNSURE)])
def test_nothing_is_spotted_when_no_weights_use_it(confidence: Confidence) -> None:
    spotting = SpottingWords()
    heard(Pair(spotting).ensemble, confidence)
    assert spotting.given == []
