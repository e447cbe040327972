"""What two tries are worth together: counted on pairs whose outcome is known."""

from __future__ import annotations

import pytest

from benchmarks.confidence.attempts import SPREADS, Pair, best_of, fitted, part_fits
from bot.dialog.evidence import Heard
from bot.types import Interpretation

pytestmark = pytest.mark.unit


def heard(**values: float) -> Heard:
    """Values with how sure each is; names begin with d, for digits."""
    return tuple(
        Interpretation(name[1:], name[1:], sure, "voice", "license_number")
        for name, sure in values.items()
    )


def pair(first: Heard, second: Heard, said: str = "4219", speaker: str = "a") -> Pair:
    return Pair(said, speaker, (first, second))


def test_two_tries_that_agree_are_surer_than_each() -> None:
    both = pair(heard(d4219=0.6), heard(d4219=0.6)).together(5.0)
    right, sure = best_of(both, "4219")
    assert right
    assert sure > 0.8


def test_nothing_heard_is_wrong_without_confidence() -> None:
    assert best_of(pair((), ()).together(5.0), "4219") == (False, 0.0)


def test_where_the_same_is_misheard_twice_the_fitted_spread_is_small() -> None:
    same = [pair(heard(d4210=0.6), heard(d4210=0.6))] * 4
    right = [pair(heard(d4219=0.6), heard(d4219=0.6))] * 6
    assert fitted(same + right) == SPREADS[0]
    assert fitted(right) == SPREADS[-1]


def test_parts_are_counted_with_those_that_fit() -> None:
    fits, misses = heard(d429=0.5), heard(d777=0.5)
    assert part_fits([pair(fits, misses), pair(heard(d4219=0.9), ())]) == (1, 2)
