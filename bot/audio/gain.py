"""Automatic gain for the speech detector and the recognizer: amplifies quiet callers, not noise.

Like automatic level control on a trunk (ITU-T G.169), except that barge-in and the noise floor
still measure the line as it is (decision 74).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.audio.files import SILENCE_DB, Samples, level_db, power_db


@dataclass(frozen=True, slots=True)
class GainParameters:
    """Target level of callers."""

    speech_db: float = -15.0
    """Target level of the loudest block, dBFS; leaves a typical caller about unchanged."""
    noise_db: float = -42.0
    """Maximum level of noise, dBFS; babble 10 dB below a typical caller already exceeds it."""
    detector_db: float = 18.0
    """Maximum gain of the detector's audio, dB; limited because it also hears background sounds."""
    recognizer_db: float = 30.0
    """Maximum gain of the recognizers' audio, dB."""
    too_loud_db: float = 3.0
    """Most that the caller may get louder, dB, before the utterance is decoded again."""
    block_ms: int = 20
    """Length of a block, for which one level is measured."""


_FITTED = GainParameters()


def loudest_db(samples: Samples, rate: int, block_ms: int) -> float:
    """The level of the loudest block of this length, in dBFS."""
    block = rate * block_ms // 1000
    if len(samples) == 2 * block:
        first, second = samples.astype(np.float64).reshape(2, block)
        return power_db(float(max(first @ first, second @ second)) / block)
    levels = (level_db(samples[at : at + block]) for at in range(0, len(samples), block))
    return max(levels, default=SILENCE_DB)


def gain_db(
    speech_db: float, noise_db: float, most_db: float, to: GainParameters = _FITTED
) -> float:
    """Gain in dB, at least 0, for speech and noise of these levels in dBFS."""
    return max(0.0, min(to.speech_db - speech_db, to.noise_db - noise_db, most_db))


def raised(samples: Samples, by_db: float) -> Samples:
    """Amplify, clipping at full scale."""
    louder = samples * 10 ** (by_db / 20)
    np.rint(louder, out=louder)  # functions in place: the array's methods take twice as long
    np.minimum(louder, 32_767, out=louder)
    np.maximum(louder, -32_768, out=louder)
    return louder.astype(np.int16)


class DetectorGain:
    """Gain for the audio of one question, set by the loudest sound so far."""

    def __init__(self, rate: int, parameters: GainParameters = _FITTED) -> None:
        self._rate = rate
        self._parameters = parameters
        self.forget()

    def forget(self) -> None:
        """Reset for the next question, since the caller may have moved."""
        self._loudest_db = SILENCE_DB

    def applied(self, samples: Samples, noise_db: float) -> Samples:
        """The next samples, louder."""
        to = self._parameters
        self._loudest_db = max(self._loudest_db, loudest_db(samples, self._rate, to.block_ms))
        return raised(samples, gain_db(self._loudest_db, noise_db, to.detector_db, to))


class UtteranceGain:
    """One gain for a whole utterance: changing it midway loses more words than it saves."""

    def __init__(self, rate: int, parameters: GainParameters = _FITTED) -> None:
        self._rate = rate
        self._parameters = parameters
        self.begin(0.0)

    def begin(self, noise_db: float) -> None:
        """Start a new utterance on a line with this noise level, in dBFS."""
        self._noise_db = noise_db
        self._loudest_db = SILENCE_DB
        self._gain_db = self._parameters.recognizer_db

    def too_loud(self, samples: Samples) -> bool:
        """Return True if these samples require decoding the whole utterance again with less
        gain.
        """
        to = self._parameters
        self._loudest_db = max(self._loudest_db, loudest_db(samples, self._rate, to.block_ms))
        wanted_db = gain_db(self._loudest_db, self._noise_db, to.recognizer_db, to)
        if self._gain_db <= wanted_db + to.too_loud_db:
            return False
        self._gain_db = wanted_db
        return True

    def applied(self, samples: Samples) -> Samples:
        """Amplify samples of the utterance."""
        return raised(samples, self._gain_db)
