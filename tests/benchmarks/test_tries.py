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


def test_two_attempts_that_agree_are_surer_than_either() -> None:
    both = pair(heard(d4219=0.6), heard(d4219=0.6)).together(5.0)
    right, sure = best_of(both, "4219")
    assert right
    assert sure > 0.8


def test_an_empty_result_is_wrong_and_has_no_confidence() -> None:
    assert best_of(pair((), ()).together(5.0), "4219") == (False, 0.0)


def test_repeated_misrecognitions_fit_a_small_spread() -> None:
    same = [pair(heard(d4210=0.6), heard(d4210=0.6))] * 4
    right = [pair(heard(d4219=0.6), heard(d4219=0.6))] * 6
    assert fitted(same + right) == SPREADS[0]
    assert fitted(right) == SPREADS[-1]


def test_parts_are_counted_with_the_values_they_fit() -> None:
    fits, misses = heard(d429=0.5), heard(d777=0.5)
    assert part_fits([pair(fits, misses), pair(heard(d4219=0.9), ())]) == (1, 2)
