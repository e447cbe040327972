"""Small filters and level measures that line, rooms, and noises share.

Audio is float32 at 8 kHz, shape (n,), full scale ±1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from acoustic_model.audio_types import RATE_HZ, Samples

FRAME = 80
"""Samples per 10 ms."""


def decibels(ratio_db: float) -> float:
    """The amplitude factor of a level in dB."""
    return float(10 ** (ratio_db / 20))


def filtered(audio: Samples, gain_db: NDArray[np.float32]) -> Samples:
    """Applies gains by frequency (see :func:`frequencies`) with zero phase; keeps the length."""
    spectrum = rfft(audio, fft_length(len(audio)))
    spectrum *= np.power(np.float32(10), gain_db / 20)
    output: Samples = irfft(spectrum, fft_length(len(audio)))[: len(audio)]
    return output


def fft_length(samples: int) -> int:
    """A fast transform length with room for a filter's tails (25 ms)."""
    return int(next_fast_len(samples + 200, real=True))


def frequencies(samples: int) -> NDArray[np.float32]:
    """The frequencies in Hz of the spectrum that :func:`filtered` multiplies."""
    return np.fft.rfftfreq(fft_length(samples), 1 / RATE_HZ).astype(np.float32)


def frame_levels_db(audio: Samples) -> NDArray[np.float32]:
    """Level of each whole 10 ms frame in dBFS, shape (n // 80,)."""
    whole = audio[: len(audio) // FRAME * FRAME].reshape(-1, FRAME)
    levels: NDArray[np.float32] = 10 * np.log10(np.square(whole).mean(axis=1) + 1e-12)
    return levels


def active_level_db(audio: Samples) -> float:
    """Level in dBFS over the frames within 25 dB of the loudest: speech without its pauses."""
    levels = frame_levels_db(audio)
    if not levels.size:
        return -120.0
    active = levels[levels > levels.max() - 25]
    return float(10 * np.log10(np.power(10, active / 10).mean()))


def level_db(audio: Samples) -> float:
    """Level in dBFS over all samples."""
    return float(10 * np.log10(np.square(audio).mean() + 1e-12))


def telephone_level_db(audio: Samples) -> float:
    """Level in dBFS within the telephone band (300 to 3400 Hz)."""
    power = np.square(np.abs(rfft(audio, fft_length(len(audio)))))
    hertz = frequencies(len(audio))
    inside = power[(hertz >= 300) & (hertz <= 3400)].sum() / (power.sum() + 1e-20)
    return level_db(audio) + float(10 * np.log10(inside + 1e-12))


def over_samples(frames: NDArray[np.float32], samples: int) -> Samples:
    """Interpolates values per 10 ms frame linearly to values per sample."""
    centers = np.arange(len(frames)) * FRAME + FRAME / 2
    return np.interp(np.arange(samples), centers, frames).astype(np.float32)
