"""Computes 95 % intervals of shares and means by bootstrap over speakers.

One person's strings are recognized well or badly together, so a thousand strings of six people say
as much as six people. SciPy draws speakers with all that they said (a cluster bootstrap: Davison
and Hinkley 1997, section 3.8). Systems are compared on the same people, in the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from bot.evaluation.statistics import wilson

DRAWS = 2_000
SEED = 2022
ENOUGH = 10
"""Speakers below which an interval says little."""

Count = tuple[int, int]
"""How many, and of how many."""
Interval = tuple[float, float]
_UNKNOWN: Interval = (0.0, 100.0)


@dataclass(frozen=True, slots=True)
class SpeakerShare:
    """A share in percent with its interval over speakers."""

    count: int
    of: int
    speakers: int
    interval: Interval

    @property
    def percent(self) -> float:
        """The share in percent; 0 if the total is 0."""
        return 100 * self.count / max(1, self.of)

    @property
    def few(self) -> bool:
        """Whether it rests on fewer than ten speakers."""
        return self.speakers < ENOUGH

    def as_list(self) -> list[Any]:
        """Values for the file of results."""
        return [self.count, self.of, self.speakers, *self.interval]

    @classmethod
    def from_list(cls, values: Sequence[Any]) -> SpeakerShare:
        """Read what :meth:`as_list` returned."""
        count, of, speakers, low, high = values
        return cls(count, of, speakers, (low, high))

    def __str__(self) -> str:
        low, high = self.interval
        people = f"{self.speakers} speaker{'' if self.speakers == 1 else 's'}"
        return f"{self.percent:.1f} % ({low:.1f}–{high:.1f}) of {self.of} by {people}"


@dataclass(frozen=True, slots=True)
class Difference:
    """Points in percent that a first system is ahead of a second, on the same people."""

    points: float
    speakers: int
    interval: Interval

    @property
    def few(self) -> bool:
        """Whether it rests on fewer than ten speakers."""
        return self.speakers < ENOUGH


def share(by_speaker: Mapping[str, Count]) -> SpeakerShare:
    """Return the share over all speakers.

    If all answers of all speakers are right, or all are wrong, draws cannot differ; the interval is
    then Wilson's, for as many answers as there are speakers. A single speaker's is 0 to 100.
    """
    counts = [count for count in by_speaker.values() if count[1]]
    right, of = (sum(part) for part in zip(*counts, strict=True)) if counts else (0, 0)
    return SpeakerShare(right, of, len(counts), _interval(counts, right, of))


def _interval(counts: Sequence[Count], right: int, of: int) -> Interval:
    if len(counts) < 2:
        return _UNKNOWN
    if right in (0, of):
        return wilson(len(counts) if right else 0, len(counts))
    return _drawn(np.array(counts).T, _percent)


def mean_interval(by_speaker: Mapping[str, tuple[float, int]]) -> Interval | None:
    """Return a mean's interval, given each speaker's sum and number of values; None for a single
    speaker."""
    if len(by_speaker) < 2:
        return None
    return _drawn(np.array([*by_speaker.values()]).T, _ratio)


def difference(first: Mapping[str, Count], second: Mapping[str, Count]) -> Difference:
    """Return the first system's lead, over the speakers that both heard. Raises ValueError if there
    are none."""
    both = [
        (*count, *second[speaker])
        for speaker, count in first.items()
        if speaker in second and count[1] and second[speaker][1]
    ]
    if not both:
        raise ValueError("no speaker was heard by both")
    columns = np.array(both).T
    points = float(_ahead(*(column.astype(float) for column in columns)))
    if len(both) < 2:
        return Difference(points, len(both), (-100.0, 100.0))
    return Difference(points, len(both), _drawn(columns, _ahead))


def _ratio(count: Any, of: Any, axis: int = -1) -> Any:
    return count.sum(axis=axis) / of.sum(axis=axis)


def _percent(count: Any, of: Any, axis: int = -1) -> Any:
    return 100 * _ratio(count, of, axis)


def _ahead(count: Any, of: Any, others_count: Any, others_of: Any, axis: int = -1) -> Any:
    return _percent(count, of, axis) - _percent(others_count, others_of, axis)


def _drawn(columns: Any, statistic: Any) -> Interval:
    from scipy.stats import bootstrap  # noqa: PLC0415 - only those who measure have it

    found = bootstrap(
        tuple(column.astype(float) for column in columns),
        statistic,
        paired=True,
        vectorized=True,
        n_resamples=DRAWS,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    low, high = (round(float(one), 2) for one in cast("Sequence[float]", found))
    return low, high
