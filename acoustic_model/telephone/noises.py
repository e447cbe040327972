"""Background noise: babble of many readers, cars, hiss, hum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from acoustic_model.audio_types import RATE_HZ, Samples
from acoustic_model.errors import CorpusError
from acoustic_model.telephone.signals import decibels


class Noises:
    """Draws noise of any length; each draw mixes new babble from fluent speech."""

    def __init__(self, speech: Sequence[NDArray[np.int16]]) -> None:
        """`speech` is fluent speech at 8 kHz, preferably of many readers; may be memory-mapped."""
        if not speech:
            raise CorpusError(
                "the corpora have no fluent speech to make babble from (kind sentence, over 1.5 s)"
            )
        self._speech = speech

    def babble(self, samples: int, talkers: int, rng: np.random.Generator) -> Samples:
        """The sum of `talkers` readers, within 8 dB of each other."""
        mix = np.zeros(samples, np.float32)
        for _ in range(talkers):
            mix += self._reader(samples, rng) * decibels(rng.uniform(-6, 2))
        return mix

    def _reader(self, samples: int, rng: np.random.Generator) -> Samples:
        pieces: list[Samples] = []
        have = 0
        while have < samples:
            speech = self._speech[int(rng.integers(len(self._speech)))]
            start = 0 if pieces else int(rng.integers(len(speech)))
            piece = speech[start : start + samples - have].astype(np.float32)
            piece /= np.sqrt(np.square(piece).mean()) + 10
            pieces.append(piece)
            have += len(piece)
        return np.concatenate(pieces)


def white(samples: int, rng: np.random.Generator) -> Samples:
    """White noise."""
    return rng.standard_normal(samples, dtype=np.float32)


def hiss(samples: int, rng: np.random.Generator) -> Samples:
    """Hiss of a recorder or amplifier: white to blue noise."""
    noise = white(samples + 1, rng)
    return noise[1:] - np.float32(rng.uniform(0, 0.95)) * noise[:-1]


def car(samples: int, rng: np.random.Generator) -> Samples:
    """A moving car or a busy street: noise that falls with frequency and swells slowly."""
    length = next_fast_len(samples, real=True)
    spectrum = rfft(white(length, rng))
    hertz = np.maximum(np.fft.rfftfreq(length, 1 / RATE_HZ), 30)
    spectrum *= (hertz ** -rng.uniform(0.4, 1.4)).astype(np.float32)
    time = np.arange(samples, dtype=np.float32) / RATE_HZ
    swell = 1 + np.float32(rng.uniform(0, 0.5)) * np.sin(
        2 * np.pi * (rng.uniform(0.2, 4) * time + rng.random()), dtype=np.float32
    )
    noise: Samples = irfft(spectrum, length)[:samples] * swell
    return noise


def hum(samples: int, rng: np.random.Generator) -> Samples:
    """Mains hum with its harmonics."""
    time = np.arange(samples, dtype=np.float32) / RATE_HZ
    mains_hz, fall = rng.choice([50, 60, 100, 120]), rng.uniform(0, 1.5)
    noise = 0.1 * white(samples, rng)
    for harmonic in range(1, 12):
        phase = 2 * np.pi * (mains_hz * harmonic * time + np.float32(rng.random()))
        noise += np.sin(phase) / np.float32(harmonic**fall)
    return noise


def crowd(noises: Noises, samples: int, rng: np.random.Generator) -> Samples:
    """Babble of three to twelve readers."""
    return noises.babble(samples, int(rng.integers(3, 13)), rng)


def stationary(samples: int, rng: np.random.Generator) -> Samples:
    """Car, white noise or hum."""
    draw = rng.random()
    if draw < 0.55:
        return car(samples, rng)
    return white(samples, rng) if draw < 0.9 else hum(samples, rng)
