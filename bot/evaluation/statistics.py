"""Shares with intervals, and a test whether two systems differ on the same questions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

Z_95 = 1.959963984540054
"""The normal distribution's 97.5 % point."""


@dataclass(frozen=True, slots=True)
class Share:
    """A count out of a total."""

    count: int
    of: int

    @property
    def percent(self) -> float:
        """The share in percent; 0 if the total is 0."""
        return 100 * self.count / max(1, self.of)

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % Wilson interval in percent."""
        return wilson(self.count, self.of)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.percent:.1f} % ({low:.1f}–{high:.1f}) of {self.of}"


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of Wilson (1927) of ``count`` in ``of``, in percent.

    The one copy of the project; SciPy has it, too, but the service does without SciPy.
    """
    if of == 0:
        return 0.0, 100.0
    share, z2 = count / of, Z_95 * Z_95
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z_95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    low, high = max(0.0, 100 * (middle - half)), min(100.0, 100 * (middle + half))
    return (0.0 if count == 0 else low), (100.0 if count == of else high)


@dataclass(frozen=True, slots=True)
class Paired:
    """Counts of two answers to each question, by which of them was right."""

    both: int
    only_first: int
    only_second: int
    neither: int

    @classmethod
    def of(cls, answers: Iterable[tuple[bool, bool]]) -> Paired:
        """Count pairs of right or wrong."""
        counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
        for pair in answers:
            counts[pair] += 1
        return cls(*counts.values())

    @property
    def first(self) -> Share:
        """How often the first was right."""
        return Share(self.both + self.only_first, self.total)

    @property
    def second(self) -> Share:
        """How often the second was right."""
        return Share(self.both + self.only_second, self.total)

    @property
    def total(self) -> int:
        """All questions."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def p(self) -> float:
        """P-value of the exact two-sided test of McNemar (1947).

        If both were equally good, this is the probability of a split at least this uneven among the
        questions that only one got right.
        """
        return mcnemar(self.only_first, self.only_second)


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided binomial probability of a split at least this uneven; 1 if none differ."""
    differ = only_first + only_second
    least = min(only_first, only_second)
    tail = sum(math.comb(differ, k) for k in range(least + 1))
    return min(1.0, tail / (1 << max(0, differ - 1)))
