"""Answers with the probability that each was given, and what is taken at a point."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.confidence.logistic import Floats, calibration_error
from benchmarks.confidence.rows import FOREIGN, Row, Weighed

FOREIGN_SHARE: dict[Weighed, float] = {"number": 0.05, "sentence": 0.05, "command": 0.20}
"""Share of out-of-grammar speech among entries accepted as numbers (or commands): assumed, since no
call was recorded. Out-of-grammar speech gets this weight in the fit and in the figures.
"""
TITLES: dict[str, str] = {
    "number": "numbers",
    "sentence": "numbers in sentences",
    "command": "commands",
}
"""Weights, as figures and plots name what they weigh."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Rows of one kind, with the probabilities that speakers left out were given."""

    rows: tuple[Row, ...]
    right: Floats
    weight: Floats
    sure: Floats

    @classmethod
    def of(cls, found: Sequence[Row], sure: Floats, weighed: Weighed) -> Answers:
        """Those that the same weights are for."""
        right = np.array([float(row.right) for row in found])
        return cls(tuple(found), right, _weights(found, FOREIGN_SHARE[weighed]), sure)


def report(answers: Answers, asked: dict[str, int], points: tuple[float, ...]) -> list[str]:
    """Calibration, and what is taken at each point."""
    error = calibration_error(answers.sure, answers.right, answers.weight)
    lines = [f"{len(answers.rows)} answers; calibration error {error:.3f}"]
    for point in points:
        taken = answers.sure >= point
        right = taken & (answers.right > 0)
        foreign = taken & np.array([row.kind == FOREIGN for row in answers.rows])
        wrong = taken & (answers.right == 0) & ~foreign
        lines.append(
            f"at {point:.2f}: of {int(answers.right.sum())} right answers {int(right.sum())} "
            f"taken, {int(wrong.sum())} misheard, {int(foreign.sum())} of {asked[FOREIGN]} foreign"
        )
    return lines


def _weights(chosen: Sequence[Row], foreign_share: float) -> Floats:
    """1 for an answer on average; foreign speech together as much as its share of all.

    What one person says is heard rightly or wrongly together: a speaker with four times as many
    recordings counts twice as much, so that the weights are not those of his accent.
    """
    many = Counter(row.speaker for row in chosen)
    found = np.array([1.0 / math.sqrt(many[row.speaker]) for row in chosen])
    foreign = np.array([row.kind == FOREIGN for row in chosen], bool)
    answers = float((~foreign).sum())
    for part, whole in (
        (~foreign, answers),
        (foreign, foreign_share / (1 - foreign_share) * answers),
    ):
        found[part] *= whole / max(1e-9, float(found[part].sum()))
    return found
