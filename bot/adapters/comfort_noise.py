"""Faint noise added to every line.

To a model trained on real rooms, digital silence between words cuts off their first sounds: "eight"
was lost.
"""

from __future__ import annotations

import numpy as np

from bot.audio.files import Samples

_LEVEL = 8.0
"""Standard deviation of the noise in 16-bit steps: one step of µ-law."""

_NOISE = np.random.default_rng(0).normal(0.0, _LEVEL, 9_973).round().astype(np.int32)


class Hiss:
    """Quiet noise that repeats about every second, so that equal audio gives equal text."""

    def __init__(self) -> None:
        self._at = 0

    def under(self, samples: Samples) -> Samples:
        """The next samples of the line with added noise."""
        places = np.arange(self._at, self._at + len(samples)) % len(_NOISE)
        self._at += len(samples)
        mixed = samples.astype(np.int32) + _NOISE[places]
        return mixed.clip(-32_768, 32_767).astype(np.int16)
