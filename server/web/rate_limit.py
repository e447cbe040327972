"""Token buckets by key, in this process only; the security budgets are in the database."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import Lock

MOST_KEYS = 10_000


class RateLimiter:
    """Allows ``per_minute`` requests per key, in bursts of up to as many."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._burst = float(per_minute)
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait_s(self, key: str) -> int:
        """Take one token and return 0, or return the whole seconds until one is available."""
        with self._lock:
            now = self._clock()
            tokens, at = self._buckets.pop(key, (self._burst, now))
            tokens = min(self._burst, tokens + (now - at) * self._per_second)
            allowed = tokens >= 1
            if len(self._buckets) >= MOST_KEYS:  # drop the least recently used
                del self._buckets[next(iter(self._buckets))]
            self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        return 0 if allowed else math.ceil((1 - tokens) / self._per_second)
