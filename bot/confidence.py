"""How sure an interpretation is: evidence in, a probability out.

The best interpretation's probability is a logistic function of two distances of log-likelihood:
to the best alternative that means something else, and to the best that means nothing under the
grammar. The first tells most; a caller who says five of six digits is rare, so the second tells
little (decision 12 has the fit and its figures). What is left is shared among the
others by their likelihoods.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured of the spoken parts: milliseconds of speech, and its level over noise."""

    speech_ms: int = 0
    snr_db: float = 0.0


FARTHEST_OTHER, NEAREST_NOTHING, FARTHEST_NOTHING = 12.0, -8.0, 12.0
"""Distances beyond these tell no more."""

BIAS, ROOT, OTHER, NOTHING, NOTHING_AHEAD = -0.973, 0.741, 0.083, 0.295, -0.231
"""Fitted on digit strings through a telephone, with and without babble, over folds of speakers."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about the best value of an entry.

    ``over_other`` is the distance in log-likelihood to the best alternative that means something
    else, ``over_nothing`` to the best that means nothing (negative where that one is better); None
    where there is none. ``words`` are those of the best alternative.
    """

    over_other: float | None
    over_nothing: float | None
    words: int
    sound: Sound

    @property
    def words_per_second(self) -> float:
        """Speaking rate; 0 where no speech was measured."""
        return self.words * 1000 / self.sound.speech_ms if self.sound.speech_ms else 0.0


def confidence(evidence: Evidence) -> float:
    """Probability (0-1) that the value is what the caller meant."""
    other = _within(evidence.over_other, 0.0, FARTHEST_OTHER)
    nothing = _within(evidence.over_nothing, NEAREST_NOTHING, FARTHEST_NOTHING)
    log_odds = (
        BIAS
        + ROOT * math.sqrt(other)
        + OTHER * other
        + NOTHING * nothing
        + NOTHING_AHEAD * max(0.0, nothing)
    )
    return 1.0 / (1.0 + math.exp(-log_odds))


def _within(distance: float | None, least: float, most: float) -> float:
    return most if distance is None else min(most, max(least, distance))


def shares(log_likelihoods: Sequence[float]) -> list[float]:
    """The part of each alternative in the likelihood of all; empty in, empty out."""
    if not log_likelihoods:
        return []
    best = max(log_likelihoods)
    weights = [math.exp(one - best) for one in log_likelihoods]
    total = sum(weights)
    return [weight / total for weight in weights]
