"""A first look at level, so that a line on which nobody can be speaking costs no second one."""

from __future__ import annotations

from collections import deque

import numpy as np

from bot.audio import Samples, level_db

SILENT_DB = -60.0
"""Level of a piece in dBFS RMS below which nobody speaks: the hiss of an idle line has less."""

SILENT_MS = 500
"""How long a line is silent before it is idle: longer than the pauses between words."""

ONSET_MS = 200
"""Of an idle line, what comes directly before sound belongs to it."""


class IdleLine:
    """One stream at ``rate`` Hz."""

    def __init__(self, rate: int) -> None:
        self._longest = SILENT_MS * rate // 1000
        self._onset = ONSET_MS * rate // 1000
        self._silent = 0
        self._kept: deque[Samples] = deque()

    def awake(self, samples: Samples) -> Samples | None:
        """The samples to listen to now, those before a sound included; None on an idle line."""
        if level_db(samples) >= SILENT_DB:
            self._silent = 0
            sound = np.concatenate([*self._kept, samples])
            self._kept.clear()
            return sound
        self._silent += len(samples)
        if self._silent <= self._longest:
            return samples
        self._kept.append(samples)
        while sum(map(len, self._kept)) - len(self._kept[0]) >= self._onset:
            self._kept.popleft()
        return None
