"""One level for those who listen: a quiet caller is raised, the noise of a line is not.

As a level control in a trunk does (ITU-T G.169), but for detector and recogniser alone: the rules
for bargein and the noise floor go by the line as it is.
"""

from __future__ import annotations

import numpy as np

from bot.audio import SILENCE_DB, Samples, level_db

SPEECH_DB = -6.0
"""Where the loudest 20 ms are to be, dBFS; fitted over speakers (decision 74)."""

NOISE_DB = -36.0
"""Where the noise behind them may be at most, dBFS; fitted with it."""

TO_DETECTOR_DB, TO_RECOGNIZER_DB = 18.0, 30.0
"""By how much either is raised at most: the detector hears what is behind a caller, too."""

_BLOCK_MS, _RAMP_MS = 20, 5


class AutomaticGain:
    """The gain of one listener at one line, from 0 dB to ``most_db``; until ``forget``, the loudest
    that came decides, so that it falls at once where the caller gets louder."""

    def __init__(self, rate: int, most_db: float) -> None:
        self._block = rate * _BLOCK_MS // 1000
        self._ramp = rate * _RAMP_MS // 1000
        self._most_db = most_db
        self.forget()

    def forget(self) -> None:
        """What comes next may be of another level."""
        self._loudest_db = SILENCE_DB
        self._factor: float | None = None

    def applied(self, samples: Samples, noise_db: float) -> Samples:
        """The next samples at the level that suits the listener, on a line with this noise."""
        for at in range(0, len(samples), self._block):
            self._loudest_db = max(self._loudest_db, level_db(samples[at : at + self._block]))
        gain_db = min(SPEECH_DB - self._loudest_db, NOISE_DB - noise_db, self._most_db)
        before = self._factor
        self._factor = 10 ** (max(0.0, gain_db) / 20)
        factors = np.full(len(samples), self._factor, np.float32)
        if before is not None:
            ramp = np.linspace(before, self._factor, self._ramp, dtype=np.float32)
            factors[: self._ramp] = ramp[: len(samples)]
        return (samples * factors).round().clip(-32_768, 32_767).astype(np.int16)
