"""What two models make of the same audio, as if one had heard it (decision 72).

Log-likelihoods of models add up as independent evidence does; those of the second, which is not
quite independent of the first, count for less. An alternative that one of them does not have lies
at least as far behind its best as it looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.hearing.confidence import Rival
from bot.types import Hypothesis

Words = tuple[str, ...]

WEIGHT = 0.5
"""Of the second model, that of the first being 1; fitted over folds of speakers."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance as heard: alternatives, best first, never empty, and what it may be beside them.

    What is not among them is ``rival.reach`` behind the best, in log-likelihood, or farther.
    """

    alternatives: tuple[Hypothesis, ...]
    rival: Rival

    @property
    def at_most(self) -> float:
        """The log-likelihood of what is not among the alternatives, at most."""
        return self.alternatives[0].log_likelihood - self.rival.reach

    def of(self, words: Words) -> float:
        """The log-likelihood of these words; at most, where they are no alternative."""
        listed = (one.log_likelihood for one in self.alternatives if one.words == words)
        return max(listed, default=self.at_most)


def reach_of(found: Sequence[Hypothesis], beam: float, max_nbest: int) -> float:
    """How far these reach: as far as was looked; less far where more than asked for were there."""
    if len(found) < max_nbest:
        return beam
    return min(beam, found[0].log_likelihood - found[-1].log_likelihood)


def added(first: Heard, second: Heard, max_nbest: int) -> Heard:
    """Both together; ``unknown`` are the fillers that the first heard."""
    every = dict.fromkeys(one.words for heard in (first, second) for one in heard.alternatives)
    summed = (Hypothesis(words, first.of(words) + WEIGHT * second.of(words)) for words in every)
    found = sorted(summed, key=lambda one: -one.log_likelihood)
    beam = found[0].log_likelihood - (first.at_most + WEIGHT * second.at_most)
    kept = tuple(found[:max_nbest])
    rival = Rival(
        first.rival.log_likelihood + WEIGHT * second.rival.log_likelihood,
        first.rival.unknown,
        reach_of(kept, beam, max_nbest),
        both=True,
    )
    return Heard(kept, rival)
