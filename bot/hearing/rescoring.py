"""Alternatives ranked anew by how likely another listener says that each is (decision 76).

Its log-likelihoods are added to those of the models that proposed the alternatives, as independent
evidence is. The likeliest to it adds nothing, so that distances to what it did not score, fillers
and what lies beyond the list, stay what they were.
"""

from __future__ import annotations

from dataclasses import replace

from bot.hearing.interpretation import without_unknown
from bot.hearing.result import RecognitionResult
from bot.interfaces import Rescorer
from bot.types import AudioFrame, Hypothesis


def rescored(
    rescorer: Rescorer, utterance: AudioFrame, heard: RecognitionResult, weight: float
) -> RecognitionResult:
    """Its alternatives with what the rescorer says of their words, best first; as they are where it
    says nothing. Raises RecognitionError."""
    said = dict.fromkeys(filter(None, (without_unknown(one.words) for one in heard.alternatives)))
    scores = dict(zip(said, rescorer.score(utterance, list(said)), strict=False))
    if not scores:
        return heard
    best = max(score.log_likelihood for score in scores.values())
    found = []
    for one in heard.alternatives:
        score = scores.get(without_unknown(one.words))
        behind = best - score.log_likelihood if score else 0.0
        found.append(Hypothesis(one.words, one.log_likelihood - weight * behind))
    found.sort(key=lambda one: -one.log_likelihood)
    return replace(heard, alternatives=tuple(found), rescored=scores)
