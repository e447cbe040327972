"""Fuses two models' results for the same audio (decision 72).

Log-likelihoods of models add up like independent evidence; those of the second model, which is not
quite independent of the first, get less weight. A hypothesis missing from one list is assumed to be
at least as far below that list's best as the search went.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.hearing.result import FillerPath, RecognitionResult
from bot.types import Hypothesis

Words = tuple[str, ...]


def reach_of(found: Sequence[Hypothesis], beam: float, max_nbest: int) -> float:
    """Return how far the alternatives reach: as far as the search went, or less if there were more
    than requested.
    """
    if len(found) < max_nbest:
        return beam
    return min(beam, found[0].log_likelihood - found[-1].log_likelihood)


def fused(
    first: RecognitionResult, second: RecognitionResult, max_nbest: int, weight: float
) -> RecognitionResult:
    """Fuse the results if both have alternatives; the filler count is the first's.

    ``weight`` is that of the second model; the first's is 1.
    """
    every = dict.fromkeys(one.words for heard in (first, second) for one in heard.alternatives)
    summed = (
        Hypothesis(words, _likelihood(first, words) + weight * _likelihood(second, words))
        for words in every
    )
    found = sorted(summed, key=lambda one: -one.log_likelihood)
    beam = found[0].log_likelihood - (first.at_most + weight * second.at_most)
    kept = tuple(found[:max_nbest])
    return RecognitionResult(
        kept, _filler_path(first, second, weight), reach_of(kept, beam, max_nbest), fused=True
    )


def _likelihood(heard: RecognitionResult, words: Words) -> float:
    """Return the log-likelihood of these words, or its upper limit if they are not an
    alternative.
    """
    listed = (one.log_likelihood for one in heard.alternatives if one.words == words)
    return max(listed, default=heard.at_most)


def _filler_path(
    first: RecognitionResult, second: RecognitionResult, weight: float
) -> FillerPath | None:
    if first.filler_path is None or second.filler_path is None:
        return None
    ours, theirs = first.filler_path, second.filler_path
    return FillerPath(ours.log_likelihood + weight * theirs.log_likelihood, ours.unknown)
