"""Tells the listener what to do with the caller's next audio; travels with the frame."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attention:
    """How the listener treats the next piece of audio."""

    listening: bool = True
    """True if the recognizers hear it."""
    answer_near: bool = False
    """True if the words so far may be the answer; the result is then prepared as audio arrives."""
    deaf: bool = False
    """True to discard audio that the recognizers did not hear, because it is our own prompt."""
    least_db: float = -math.inf
    """Lowest level that counts as speech, dBFS."""
    over_noise_db: float = -math.inf
    """Lowest level over the noise that counts as speech, dB."""

    def may_be_speech(self, level_db: float, noise_db: float) -> bool:
        """Return True if sound of this level, dBFS, counts if the detector takes it for speech."""
        return level_db >= max(self.least_db, noise_db + self.over_noise_db)
