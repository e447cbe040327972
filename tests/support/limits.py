"""Walks a limit in time: just before it, at it, just after it, and then the same once more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.support.elms_service import MovingClock

SECOND = timedelta(seconds=1)
ROUNDS = 2
"""A limit that is right the first time may be wrong in its second window."""


def walk(
    clock: MovingClock,
    lasts: timedelta,
    begin: Callable[[], object],
    holds: Callable[[], bool],
    *,
    to_the_end: bool = False,
) -> None:
    """Check that what ``begin`` begins holds for so long, and no longer.

    Each of the six looks has a beginning of its own, clear of the one before it. ``to_the_end``
    says that it still holds at the very moment at which it ends.
    """
    looks = ((-SECOND, True), (timedelta(0), to_the_end), (SECOND, False))
    for round_ in range(1, ROUNDS + 1):
        for offset, expected in looks:
            begin()
            clock.now += lasts + offset
            assert holds() is expected, f"round {round_}: {lasts} and {offset.total_seconds()} s"
            clock.now += lasts + 2 * SECOND
