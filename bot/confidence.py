"""How sure an interpretation is: evidence in, a probability out.

The probability is a softmax over the log-likelihoods of the recogniser's alternatives, summed over
those that mean the same, at a fitted temperature. Alternatives that mean nothing under the grammar
stay in the denominator: where they win, the answer is unsure.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Meaning = TypeVar("Meaning", bound=Hashable)

TEMPERATURE = 1.0
"""Divides log-likelihood differences; benchmarks/recognition.py fits it on training recordings."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured of the spoken parts: milliseconds of speech, and its level over noise."""

    speech_ms: int = 0
    snr_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one value of an entry.

    ``share`` is its part of the probability of all alternatives, ``margin`` the distance of its
    best alternative to the best one that means something else or nothing (negative where that
    one is better; None where there is none).
    """

    share: float
    margin: float | None
    alternatives: int
    words: int
    unknown_words: int
    sound: Sound

    @property
    def words_per_second(self) -> float:
        """Speaking rate; 0 where no speech was measured."""
        return self.words * 1000 / self.sound.speech_ms if self.sound.speech_ms else 0.0


def confidence(evidence: Evidence) -> float:
    """Probability (0-1) that the value is what the caller meant."""
    return min(1.0, evidence.share)


def shares(log_likelihoods: Sequence[float], temperature: float = TEMPERATURE) -> list[float]:
    """Probability of each alternative among all; empty in, empty out."""
    if not log_likelihoods:
        return []
    best = max(log_likelihoods)
    weights = [math.exp((one - best) / temperature) for one in log_likelihoods]
    total = sum(weights)
    return [weight / total for weight in weights]


def margin(best_of: Mapping[Meaning, float], meaning: Meaning) -> float | None:
    """Distance of one meaning's best log-likelihood to the best of all others."""
    others = [value for other, value in best_of.items() if other != meaning]
    return best_of[meaning] - max(others) if others else None
