"""The noise floor: the level that the caller's line hardly ever stays under."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque

_NOISE_WINDOW_MS = 3_000
_NOISE_SHARE = 0.2
_NO_NOISE_DB = -70.0


class NoiseFloor:
    """The level that a fifth of the last three seconds stays under."""

    def __init__(self) -> None:
        self._levels: deque[tuple[int, float]] = deque()
        self._ordered: list[float] = []
        self._held_ms = 0

    @property
    def level_db(self) -> float:
        """In dBFS; a quiet line before anything was heard."""
        if not self._ordered:
            return _NO_NOISE_DB
        return max(_NO_NOISE_DB, self._ordered[int(len(self._ordered) * _NOISE_SHARE)])

    def follow(self, level_db: float, duration_ms: int) -> None:
        """Take the level of one piece of the caller's audio."""
        self._levels.append((duration_ms, level_db))
        insort(self._ordered, level_db)
        self._held_ms += duration_ms
        while self._held_ms > _NOISE_WINDOW_MS:
            oldest_ms, oldest_db = self._levels.popleft()
            self._held_ms -= oldest_ms
            del self._ordered[bisect_left(self._ordered, oldest_db)]
