"""The noise floor of a caller's line."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoiseFloorParameters:
    """Parameters for finding a line's noise."""

    window_ms: int = 3_000
    """Length of the last audio that counts."""
    share: float = 0.2
    """Part (0-1) of that audio that stays below the floor."""
    lowest_db: float = -70.0
    """The lowest floor in dBFS, and that of a line on which nothing was heard."""


_FITTED = NoiseFloorParameters()


class NoiseFloor:
    """The 20th percentile of the level over the last three seconds."""

    def __init__(self, parameters: NoiseFloorParameters = _FITTED) -> None:
        self._parameters = parameters
        self._levels: deque[tuple[int, float]] = deque()
        self._ordered: list[float] = []
        self._held_ms = 0

    @property
    def level_db(self) -> float:
        """In dBFS; a quiet line before anything was heard."""
        lowest_db, share = self._parameters.lowest_db, self._parameters.share
        if not self._ordered:
            return lowest_db
        return max(lowest_db, self._ordered[int(len(self._ordered) * share)])

    def follow(self, level_db: float, duration_ms: int) -> None:
        """Add the level of a piece of the caller's audio."""
        self._levels.append((duration_ms, level_db))
        insort(self._ordered, level_db)
        self._held_ms += duration_ms
        while self._held_ms > self._parameters.window_ms:
            oldest_ms, oldest_db = self._levels.popleft()
            self._held_ms -= oldest_ms
            del self._ordered[bisect_left(self._ordered, oldest_db)]
