"""Decides whether another call may come in: overload never harms calls in progress.

A service that takes more than its processor can carry collapses for everybody (20 calls too many:
replies after 18 s), and its own records hide it. So the measure is how long events of the calls in
progress had waited before they were taken, over the last ten seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Literal

WINDOW_MS = 10_000
SAMPLE_MS = 250
MOST_LAG_MS = 150

WhyNot = Literal["draining", "full", "overloaded"]


class Admission:
    """``why_not`` returns None if a call may come in. Times are passed in as milliseconds."""

    def __init__(self, most_calls: int) -> None:
        self._most_calls = most_calls
        self._samples: deque[tuple[int, int]] = deque()
        self.draining = False

    def sample(self, lags_ms: Sequence[int], now_ms: int) -> None:
        """Note each call's current lag."""
        self._samples.extend((now_ms, lag_ms) for lag_ms in lags_ms)
        while self._samples and now_ms - self._samples[0][0] > WINDOW_MS:
            self._samples.popleft()

    @property
    def lag_ms(self) -> int:
        """Return the 95th percentile of the samples; 0 without calls in progress."""
        lags = sorted(lag_ms for _, lag_ms in self._samples)
        return lags[len(lags) * 95 // 100] if lags else 0

    def why_not(self, calls: int) -> WhyNot | None:
        """Return the reason why no call may come in beside so many; None if one may."""
        if self.draining:
            return "draining"
        if calls >= self._most_calls:
            return "full"
        return "overloaded" if self.lag_ms > MOST_LAG_MS else None
