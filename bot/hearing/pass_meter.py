"""Measures the cost of recognizing an utterance: passes made, and time spent in the engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.interfaces import Timer

T = TypeVar("T")


class PassMeter:
    """Measures one utterance. Without a timer, everything takes 0 ms."""

    def __init__(self, timer: Timer | None = None) -> None:
        self._timer = timer
        self.passes = 0
        self.cost_ms = 0
        """Real time that engines worked, not including waits for a worker."""

    def begun(self) -> None:
        """Count a pass: an engine begins to hear the utterance."""
        self.passes += 1

    def spent(self, ms: int) -> None:
        """Add the time of work that is done."""
        self.cost_ms += ms

    def timed(self, work: Callable[[], T]) -> tuple[T, int]:
        """Do this work of engines; return its result and the milliseconds that it took. Two passes
        may run at once, so nothing is added here."""
        began_ms = self._now_ms()
        found = work()
        return found, self._now_ms() - began_ms

    def _now_ms(self) -> int:
        return 0 if self._timer is None else self._timer.now_ms()
