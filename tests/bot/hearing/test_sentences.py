"""Numbers with words around them: what counts for their digits, and what against them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import pytest

from bot.hearing.confidence import (
    UNFITTED,
    Confidence,
    Evidence,
    Logistic,
    RescoredEvidence,
    Sound,
)
from bot.hearing.interpretation import interpret
from bot.hearing.result import RecognitionResult
from bot.interfaces import Rescored
from bot.types import Hypothesis
from tests.support.scripted_turn import active

pytestmark = pytest.mark.unit

PROPOSED, HEARD = Rescored(-3.0, 2.0), Rescored(-1.0, 0.0, own=-2.0)
NUMBER = Evidence(None, None, 4, Sound())


@dataclass(frozen=True, slots=True)
class Noting(Confidence):
    """Keeps the evidence that it is shown."""

    evidence: list[Evidence] = field(default_factory=list)

    def probability(self, evidence: Evidence) -> float:
        self.evidence.append(evidence)
        return 0.5


def evidence_for(proposed: str, own: str) -> Evidence:
    """What speaks for the words proposed at the PIN where the rescorer writes its own."""
    words = [tuple(text.split()) for text in (proposed, own)]
    said = RecognitionResult(
        tuple(Hypothesis(one, -float(at)) for at, one in enumerate(words)),
        rescored=dict(zip(words, (PROPOSED, HEARD), strict=True)),
    )
    noting = Noting(UNFITTED.number, UNFITTED.command)
    interpret(active("pin.grxml?length=4"), said, "voice", Sound(), noting)
    return noting.evidence[-1]


def test_words_around_a_number_are_not_held_against_its_digits() -> None:
    """A rescorer may write "PIN" as "pen": the digits are the same."""
    found = evidence_for("my pin is four two one nine", "my pen is four two one nine")
    assert found.sentence
    assert found.over_nothing is None
    assert found.rescored == RescoredEvidence(None, 0.0, own=math.inf)


def test_other_digits_are_held_against_a_number_whatever_is_around_it() -> None:
    found = evidence_for("my pin is four two one nine", "my pen is four two one five")
    assert found.over_nothing == 1.0
    assert found.rescored == RescoredEvidence(-2.0, 2.0, own=-math.inf)


def test_digits_alone_are_no_sentence() -> None:
    """Whatever is not exactly the number is against it."""
    found = evidence_for("four two one nine", "pen four two one nine")
    assert not found.sentence
    assert found.over_nothing == 1.0
    assert found.rescored == RescoredEvidence(-2.0, 2.0, own=-math.inf)


def test_numbers_in_sentences_have_separate_weights() -> None:
    number, command, sentence = (Logistic(bias, {}) for bias in (0.1, 0.2, 0.3))
    sentences = Evidence(None, None, 4, Sound(), sentence=True)
    choice = Evidence(None, None, 1, Sound(), number=False)
    fitted = Confidence(number, command, sentence=sentence)
    assert fitted.weights_of(NUMBER) == number
    assert fitted.weights_of(sentences) == sentence
    assert fitted.weights_of(choice) == command
    assert Confidence(number, command).weights_of(sentences) == number
