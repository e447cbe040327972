"""Ranks alternatives again by another recognizer's scores (decision 76).

Its log-likelihoods are added to those of the models that proposed the alternatives, as independent
evidence. The alternative that it scores highest gets 0, so that distances to everything it did not
score (fillers, and whatever is beyond the list) stay unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import isfinite

from bot.hearing.interpretation import Words, without_unknown
from bot.hearing.result import RecognitionResult
from bot.interfaces import Rescored
from bot.types import Hypothesis

Scores = Mapping[Words, Rescored]


def proposed(heard: RecognitionResult) -> list[Words]:
    """Return what a rescorer is asked about: each alternative's words once, likeliest first."""
    return list(
        dict.fromkeys(filter(None, (without_unknown(one.words) for one in heard.alternatives)))
    )


def ranked(heard: RecognitionResult, scores: Scores, weight: float) -> RecognitionResult:
    """Return the result with the rescorer's scores, best first; unchanged if there are none.

    An alternative that was not scored counts as the least likely of those scored.
    """
    if not scores:
        return heard
    said = proposed(heard)
    likely = [score.log_likelihood for score in scores.values()]
    best, least = max(likely), min(likely)
    found = []
    its_own = (words for words in scores if words not in said)
    for one in (*heard.alternatives, *_as_alternatives(its_own, heard)):
        words = without_unknown(one.words)
        score = scores.get(words)
        behind = best - (score.log_likelihood if score else least if words else best)
        found.append(Hypothesis(one.words, one.log_likelihood - weight * behind))
    found.sort(key=lambda one: -one.log_likelihood)
    return replace(heard, alternatives=tuple(found), rescored=scores)


def _as_alternatives(words: Iterable[Words], heard: RecognitionResult) -> list[Hypothesis]:
    """Return the first model's log-likelihood for anything that it did not propose."""
    farthest = min(one.log_likelihood for one in heard.alternatives)
    behind = min(farthest, heard.at_most) if isfinite(heard.reach) else farthest
    return [Hypothesis(one, behind) for one in words]
