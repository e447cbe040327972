"""Intervals and the paired test, against figures that were published or counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evaluation.statistics import Paired, Share, mcnemar, wilson

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (81, 263, 25.53, 36.62),  # Newcombe 1998, table I, method 3
        (15, 148, 6.24, 16.05),
        (0, 20, 0.0, 16.11),
        (1, 29, 0.61, 17.18),
    ],
)
def test_wilson_gives_the_published_intervals(count: int, of: int, low: float, high: float) -> None:
    assert wilson(count, of) == pytest.approx((low, high), abs=0.01)


def test_without_measurements_every_share_is_possible() -> None:
    assert wilson(0, 0) == (0.0, 100.0)


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_an_interval_contains_its_share(counted: tuple[int, int]) -> None:
    share = Share(*counted)
    low, high = share.interval
    assert 0.0 <= low <= share.percent <= high <= 100.0


def test_a_share_is_written_with_its_interval() -> None:
    assert str(Share(0, 20)) == "0.0 % (0.0–16.1) of 20"


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [
        (0, 0, 1.0),
        (5, 5, 1.0),
        (0, 6, 2 / 64),
        (1, 5, 2 * 7 / 64),
        (10, 2, 2 * 79 / 4096),
    ],
)
def test_mcnemar_counts_the_ways_to_split(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(p)
    assert mcnemar(only_second, only_first) == pytest.approx(p)


def test_pairs_are_counted_by_which_model_was_right() -> None:
    answers = [(True, True)] * 7 + [(True, False)] * 2 + [(False, True)] * 9 + [(False, False)]
    paired = Paired.of(answers)
    assert (paired.first, paired.second) == (Share(9, 19), Share(16, 19))
    assert (paired.only_first, paired.only_second, paired.neither) == (2, 9, 1)
    assert paired.p == mcnemar(2, 9) < 0.1
