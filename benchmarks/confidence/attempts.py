"""`python -m benchmarks.confidence.attempts`: what two attempts at a number are worth together.

Every string of ../shared/audio/dev with four digits and more is heard twice on two bad lines, with
other noise each time. What bot.dialog.evidence makes of both is compared with each alone, and its
parameters are fitted: ``spread`` by the loss on folds of speakers, ``part`` by how often a part
fits (decision 41).
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import typer

from acoustic_model.evaluation.evaluation import digits_of
from acoustic_model.evaluation.test_sets import Clip, digit_strings
from benchmarks.confidence.logistic import FOLDS, calibration_error, fold_of
from benchmarks.recognition.heard import string_of
from benchmarks.recognition.listener_ours import recognition
from benchmarks.recognition.recordings import SHARED, in_parallel, take
from bot.dialog.evidence import FITTED, AnswerEvidence, EvidenceParameters, Heard, fits
from bot.types import Match, NoMatch

CONDITIONS = ("tel_ulaw_babble10", "tel_ulaw_car5")
LEAST_DIGITS = 4
SPREADS = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0, 20.0, 50.0, 200.0)
POINT = 0.85


@dataclass(frozen=True, slots=True)
class Job:
    """One string on one line."""

    clip: Clip
    condition: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Results of two attempts at one string."""

    said: str
    speaker: str
    tries: tuple[Heard, Heard]

    def together(self, spread: float) -> AnswerEvidence:
        """Both tries, as a question would weigh them."""
        tries = AnswerEvidence(len(self.said), parameters=EvidenceParameters(spread=spread))
        for heard in self.tries:
            tries.add(heard)
        return tries


def measure(job: Job) -> Pair:
    """One string, twice."""
    first, second = (_heard(job, again) for again in (False, True))
    return Pair(digits_of(job.clip.words), job.clip.speaker, (first, second))


def _heard(job: Job, again: bool) -> Heard:
    taken = take(job.clip, job.condition, again=again)
    assert taken is not None
    turn = recognition(string_of(len(job.clip.words)).uris)
    result = asyncio.run(turn.collect(taken.audio)).result
    if isinstance(result, Match):
        return result.nbest
    return result.partial if isinstance(result, NoMatch) else ()


Sure = tuple[bool, float]
"""True if the best value is right, with its confidence."""


def best_of(tries: AnswerEvidence, said: str) -> Sure:
    """The first of the values; nothing is wrong with no confidence."""
    for one in tries.ranked():
        return one.value == said, one.confidence
    return False, 0.0


def fitted(pairs: Sequence[Pair]) -> float:
    """The spread with the least loss."""
    return min(
        SPREADS, key=lambda spread: sum(_loss(best_of(p.together(spread), p.said)) for p in pairs)
    )


def held_out(pairs: Sequence[Pair]) -> list[Sure]:
    """Both together, each speaker with the spread of the others."""
    spreads = [fitted([p for p in pairs if fold_of(p.speaker) != fold]) for fold in range(FOLDS)]
    typer.echo(f"spread fitted without each fold: {spreads}")
    return [best_of(p.together(spreads[fold_of(p.speaker)]), p.said) for p in pairs]


def _loss(found: Sure) -> float:
    right, sure = found
    sure = min(max(sure, 1e-3), 1 - 1e-3)
    return -math.log(sure if right else 1 - sure)


def _alone(pair: Pair, which: int) -> Sure:
    tries = AnswerEvidence(len(pair.said))
    tries.add(pair.tries[which])
    return best_of(tries, pair.said)


def figure(found: Sequence[Sure]) -> str:
    """In words."""
    right = np.array([float(one) for one, _ in found])
    sure = np.array([one for _, one in found])
    taken = sure >= POINT
    error = calibration_error(sure, right, np.ones(len(sure)))
    return (
        f"right {int(right.sum())} of {len(found)}; at {POINT} {int(taken.sum())}, of those right "
        f"{100 * right[taken].mean():.1f} %; calibration error {error:.3f}"
    )


def part_fits(pairs: Sequence[Pair]) -> tuple[int, int]:
    """Return how many of the best parts fit the string, and of how many."""
    parts = [
        (heard[0].value, pair.said)
        for pair in pairs
        for heard in pair.tries
        if heard and len(heard[0].value) != len(pair.said)
    ]
    return sum(fits(part, said) for part, said in parts), len(parts)


def main() -> None:
    """Listen, fit, and print."""
    if not SHARED.is_dir():
        typer.echo(f"benchmarks: {SHARED} does not exist; attempts are measured on it", err=True)
        raise typer.Exit(1)
    strings = [clip for clip in digit_strings(SHARED) if len(clip.words) >= LEAST_DIGITS]
    jobs = [Job(clip, condition) for condition in CONDITIONS for clip in strings]
    pairs = list(in_parallel(measure, jobs, "tries"))
    for which, name in enumerate(("first", "second")):
        typer.echo(f"{name} try alone: {figure([_alone(pair, which) for pair in pairs])}")
    typer.echo(f"both, speakers held out: {figure(held_out(pairs))}")
    for spread in dict.fromkeys((FITTED.spread, fitted(pairs), 20.0, 200.0)):
        both = [best_of(pair.together(spread), pair.said) for pair in pairs]
        typer.echo(f"both, spread {spread:g}: {figure(both)}")
    fitting, parts = part_fits(pairs)
    typer.echo(f"parts that fit what was said: {fitting} of {parts}")


if __name__ == "__main__":
    typer.run(main)
