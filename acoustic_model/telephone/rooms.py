"""Rooms as short synthetic impulse responses, and the echo of a line."""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from acoustic_model.audio_types import RATE_HZ, Samples
from acoustic_model.telephone.signals import decibels


def impulse_response(rng: np.random.Generator, hardness: float) -> Samples:
    """A direct sound, some early reflections, and a noise tail that decays by 60 dB.

    Reverberation time 0.05 to 0.5 s; direct-to-reverberant ratio 18 dB down to 2 dB.
    """
    decay_s = rng.uniform(0.05, 0.15 + 0.35 * hardness)
    samples = int(decay_s * RATE_HZ)
    time = np.arange(samples, dtype=np.float32) / samples
    tail = rng.standard_normal(samples, dtype=np.float32) * np.exp(-6.9 * time)
    tail[: int(0.002 * RATE_HZ)] = 0
    for _ in range(rng.integers(1, 6)):
        at = int(rng.uniform(0.002, min(0.04, decay_s)) * RATE_HZ)
        tail[min(at, samples - 1)] += rng.choice([-1, 1]) * rng.uniform(1, 4)
    ratio_db = rng.uniform(18 - 16 * hardness, 18)
    tail *= decibels(-ratio_db) / np.sqrt(np.square(tail).sum() + 1e-9)
    tail[0] = 1
    return tail


def reverberate(audio: Samples, response: Samples) -> Samples:
    """Convolves `audio` with a room; at most 0.2 s of the tail is kept."""
    samples = len(audio) + len(response)
    length = next_fast_len(samples, real=True)
    output: Samples = irfft(rfft(audio, length) * rfft(response, length), length)
    return output[: len(audio) + min(len(response), RATE_HZ // 5)]


def echo(audio: Samples, rng: np.random.Generator) -> Samples:
    """Adds the caller's own voice, 15 to 250 ms later and 10 to 30 dB lower."""
    delay = int(rng.uniform(0.015, 0.25) * RATE_HZ)
    output = np.concatenate([audio, np.zeros(delay, np.float32)])
    output[delay:] += audio * decibels(-rng.uniform(10, 30))
    return output
