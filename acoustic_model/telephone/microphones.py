"""The effect of a microphone and a band-limited line: spectrum, and loss of weak fricatives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from acoustic_model.audio_types import Samples
from acoustic_model.telephone.signals import filtered, frame_levels_db, frequencies, over_samples


def color_db(samples: int, rng: np.random.Generator, hardness: float) -> NDArray[np.float32]:
    """A random microphone response in dB: tilt, a few resonances, sometimes muffled highs."""
    octaves = np.log2(np.maximum(frequencies(samples), 40) / 1000)
    strength = 0.3 + 0.7 * hardness
    gain = strength * rng.normal(0, 2.5) * octaves
    for _ in range(rng.integers(0, 5)):
        center, width = rng.uniform(-3, 2), rng.uniform(0.2, 1.0)
        gain += strength * rng.normal(0, 4.5) * np.exp(-np.square((octaves - center) / width))
    if rng.random() < 0.4 * hardness:
        corner = np.log2(rng.uniform(1.0, 2.8))
        gain -= rng.uniform(4, 24) / (1 + np.exp(-(octaves - corner) / 0.15))
    return np.clip(gain, -50, 25).astype(np.float32)


def band_db(samples: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A telephone band's response in dB: edges near 300 and 3400 Hz, 12 to 60 dB per octave."""
    hertz = np.maximum(frequencies(samples), 20)
    low, high = rng.uniform(80, 420), rng.uniform(2800, 3900)
    gain = -rng.uniform(12, 36) * np.maximum(0, np.log2(low / hertz))
    gain -= rng.uniform(24, 160) * np.maximum(0, np.log2(hertz / high))
    return np.maximum(gain, -70).astype(np.float32)


def weaken_fricatives(audio: Samples, rng: np.random.Generator, hardness: float) -> Samples:
    """Attenuates frames without energy below 1 kHz, as distant or dull microphones do.

    "six", "three", and "eight" then have to be recognized by their vowels and timing.
    """
    hertz = frequencies(len(audio))
    passband = (hertz > 80) & (hertz < rng.uniform(600, 1200))
    voiced = frame_levels_db(filtered(audio, np.where(passband, 0, -90).astype(np.float32)))
    if len(voiced) < 5:
        return audio
    smooth = np.convolve(voiced, np.ones(3, np.float32) / 3, "same")
    threshold = smooth.max() - rng.uniform(14, 30)
    unvoiced = 1 / (1 + np.exp(np.clip((smooth - threshold) / 2.5, -30, 30)))
    loss_db = rng.uniform(3, 8 + 24 * hardness)
    gain = np.power(10, -loss_db * unvoiced / 20).astype(np.float32)
    return audio * over_samples(gain, len(audio))


def gate_quiet(audio: Samples, rng: np.random.Generator) -> Samples:
    """Mutes or lowers quiet parts, as noise suppressors and discontinuous transmission do."""
    levels = frame_levels_db(audio)
    if len(levels) < 5:
        return audio
    held = np.maximum.reduce([levels, np.roll(levels, 1), np.roll(levels, 2)])
    opened = held > levels.max() - rng.uniform(22, 40)
    floor = rng.choice([0.0, 0.03, 0.1, 0.3])
    return audio * over_samples(np.where(opened, 1, floor).astype(np.float32), len(audio))
