"""One level for those who listen: a quiet caller is raised, the noise of a line is not.

As a level control in a trunk does (ITU-T G.169), but for detector and recogniser alone: the rules
for bargein and the noise floor go by the line as it is (decision 74).
"""

from __future__ import annotations

from bot.audio.files import SILENCE_DB, Samples, level_db

SPEECH_DB = -15.0
"""Where the loudest 20 ms are to be, dBFS: it leaves the usual caller about as loud as he is."""

NOISE_DB = -42.0
"""Where noise may be at most, dBFS: babble 10 dB under the usual caller is louder already."""

TO_DETECTOR_DB, TO_RECOGNIZER_DB = 18.0, 30.0
"""By how much either is raised at most: the detector hears what is behind a caller, too."""

TOO_LOUD_DB = 3.0
"""By how much the caller may get louder before the utterance is heard anew."""

_BLOCK_MS = 20


def loudest_db(samples: Samples, rate: int) -> float:
    """The level of the loudest 20 ms, in dBFS."""
    block = rate * _BLOCK_MS // 1000
    levels = (level_db(samples[at : at + block]) for at in range(0, len(samples), block))
    return max(levels, default=SILENCE_DB)


def gain_db(speech_db: float, noise_db: float, most_db: float) -> float:
    """How much speech of this level is raised on a line with this noise: 0 dB at least."""
    return max(0.0, min(SPEECH_DB - speech_db, NOISE_DB - noise_db, most_db))


def raised(samples: Samples, by_db: float) -> Samples:
    """Louder, and clipped where it would be too loud."""
    return (samples * 10 ** (by_db / 20)).round().clip(-32_768, 32_767).astype("i2")


class DetectorGain:
    """What one question's audio is raised by as it comes: by the loudest that came."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.forget()

    def forget(self) -> None:
        """Another question: who speaks now may be farther away."""
        self._loudest_db = SILENCE_DB

    def applied(self, samples: Samples, noise_db: float) -> Samples:
        """The next samples, louder."""
        self._loudest_db = max(self._loudest_db, loudest_db(samples, self._rate))
        return raised(samples, gain_db(self._loudest_db, noise_db, TO_DETECTOR_DB))


class UtteranceGain:
    """One gain for the whole of an utterance: a change within it costs more words than it saves."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self.begin(0.0)

    def begin(self, noise_db: float) -> None:
        """Another utterance, on a line with this noise."""
        self._noise_db = noise_db
        self._loudest_db = SILENCE_DB
        self._gain_db = TO_RECOGNIZER_DB

    def too_loud(self, samples: Samples) -> bool:
        """Whether with these the utterance is to be heard anew from its beginning, less raised."""
        self._loudest_db = max(self._loudest_db, loudest_db(samples, self._rate))
        wanted_db = gain_db(self._loudest_db, self._noise_db, TO_RECOGNIZER_DB)
        if self._gain_db <= wanted_db + TOO_LOUD_DB:
            return False
        self._gain_db = wanted_db
        return True

    def applied(self, samples: Samples) -> Samples:
        """Samples of the utterance, louder."""
        return raised(samples, self._gain_db)
