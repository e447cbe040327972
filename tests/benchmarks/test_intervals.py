"""Intervals over speakers: what one person says stands or falls together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs the bench extra: make .venv/.ready-bench")

from benchmarks.intervals import difference, mean_interval, share

pytestmark = pytest.mark.unit

PEOPLE = {"ann": (9, 10), "bob": (30, 40), "cem": (2, 20), "dee": (5, 5), "eve": (12, 25)}
OTHER = {"ann": (8, 10), "bob": (20, 40), "cem": (4, 20), "dee": (4, 5), "eve": (11, 25)}


def every_draw(counts: Sequence[tuple[int, ...]]) -> np.ndarray:
    """All draws of as many people as there are, each as likely as the others: sums of columns."""
    table = np.array(counts)
    return np.array([table[list(who)].sum(0) for who in product(range(len(table)), repeat=5)])


def test_the_interval_is_that_of_all_draws_of_speakers() -> None:
    draws = every_draw(list(PEOPLE.values()))
    low, high = np.percentile(100 * draws[:, 0] / draws[:, 1], [2.5, 97.5])
    found = share(PEOPLE)
    assert (found.count, found.of, found.speakers) == (58, 100, 5)
    assert found.interval == pytest.approx((low, high), abs=2.0)


def test_the_same_number_of_strings_says_less_if_from_few_speakers() -> None:
    many = share({f"speaker {number}": (number % 2, 1) for number in range(100)})
    few = share({f"speaker {number}": (25 * (number % 2), 25) for number in range(4)})
    assert (many.percent, few.percent) == (50.0, 50.0)
    assert many.interval[1] - many.interval[0] < 25 < few.interval[1] - few.interval[0]
    assert (many.few, few.few) == (False, True)


@pytest.mark.parametrize(("right", "interval"), [(10, (56.6, 100.0)), (0, (0.0, 43.4))])
def test_five_speakers_who_were_all_heard_alike_are_five_answers(
    right: int, interval: tuple[float, float]
) -> None:
    found = share({f"speaker {number}": (right, 10) for number in range(5)})
    assert found.interval == pytest.approx(interval, abs=0.1)  # Wilson's, of 5 in 5 and 0 in 5


@pytest.mark.parametrize("counts", [{}, {"ann": (3, 4)}, {"ann": (3, 4), "bob": (0, 0)}])
def test_one_speaker_has_no_interval(counts: dict[str, tuple[int, int]]) -> None:
    assert share(counts).interval == (0.0, 100.0)


def test_two_systems_are_compared_on_the_same_speakers() -> None:
    pairs = [(*PEOPLE[who], *OTHER[who]) for who in PEOPLE]
    draws = every_draw(pairs)
    ahead = 100 * (draws[:, 0] / draws[:, 1] - draws[:, 2] / draws[:, 3])
    found = difference(PEOPLE, {**OTHER, "somebody else": (0, 50)})
    assert found.points == pytest.approx(58 - 47)
    assert found.interval == pytest.approx(tuple(np.percentile(ahead, [2.5, 97.5])), abs=2.0)


def test_a_comparison_needs_a_speaker_heard_by_both() -> None:
    with pytest.raises(ValueError, match="no speaker"):
        difference({"ann": (1, 1)}, {"bob": (1, 1)})


def test_a_mean_has_the_interval_of_its_speakers() -> None:
    low, high = mean_interval({"ann": (30.0, 10), "bob": (50.0, 10)}) or (0.0, 0.0)
    assert (low, high) == (3.0, 5.0)
    assert mean_interval({"ann": (30.0, 10)}) is None
