"""Whether another call may come in: overload never harms a call that is under way.

A service that takes more than its processor can carry collapses for everybody (20 calls too many:
replies after 18 s), and its own records hide it. So what counts is how long events of the calls
under way had waited before they were taken, over the last ten seconds.
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
    """``why_not`` is None where a call may come in. Times come in as milliseconds."""

    def __init__(self, most_calls: int) -> None:
        self._most_calls = most_calls
        self._samples: deque[tuple[int, int]] = deque()
        self.draining = False

    def sample(self, lags_ms: Sequence[int], now_ms: int) -> None:
        """How far each call is behind now."""
        self._samples.extend((now_ms, lag_ms) for lag_ms in lags_ms)
        while self._samples and now_ms - self._samples[0][0] > WINDOW_MS:
            self._samples.popleft()

    @property
    def lag_ms(self) -> int:
        """What one sample in twenty is above; 0 where no call is under way."""
        lags = sorted(lag_ms for _, lag_ms in self._samples)
        return lags[len(lags) * 95 // 100] if lags else 0

    def why_not(self, calls: int) -> WhyNot | None:
        """Why no call may come in beside so many."""
        if self.draining:
            return "draining"
        if calls >= self._most_calls:
            return "full"
        return "overloaded" if self.lag_ms > MOST_LAG_MS else None
