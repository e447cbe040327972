"""Speech codecs and packet loss: exact if a table suffices, otherwise approximate.

G.711 is exact to its decoded levels. G.726 and GSM full rate are approximated by their error,
fitted to the real codecs on 60 spoken digit strings: mean distance of log filter banks from the
original 0.24 (G.726 at 32 kbit/s; real 0.24), 0.41 (24 kbit/s; real 0.41), and 0.52 (GSM; real
0.53). Evaluation uses its own encoders.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from acoustic_model.audio_types import Samples

G726_32, G726_24, GSM = 0.10, 0.19, 0.25
"""Coarseness of :func:`predictive` for each codec."""

_PACKET = 160


def mu_law(audio: Samples) -> Samples:
    """`audio` after G.711 µ-law encoding and decoding."""
    return _through_table(audio, _table("mu"))


def a_law(audio: Samples) -> Samples:
    """`audio` after G.711 A-law encoding and decoding."""
    return _through_table(audio, _table("a"))


def predictive(audio: Samples, rng: np.random.Generator, coarseness: float) -> Samples:
    """Approximates a codec that encodes the residual of short-term prediction: ADPCM, GSM.

    Its error is white noise, proportional to the prediction error of each 4 ms. `coarseness` is
    their ratio (see :data:`G726_32`, :data:`G726_24`, :data:`GSM`).
    """
    left_over = audio - np.float32(0.85) * np.concatenate([np.zeros(1, np.float32), audio[:-1]])
    power = np.pad(np.square(left_over), (0, -len(audio) % 32)).reshape(-1, 32).mean(axis=1)
    level = np.sqrt(lfilter([0.5], [1, -0.5], power)).astype(np.float32)
    error = np.repeat(level, 32)[: len(audio)] * np.float32(coarseness) + np.float32(0.5 / 32768)
    return audio + error * rng.standard_normal(len(audio), dtype=np.float32)


def lose_packets(audio: Samples, rng: np.random.Generator, share: float) -> Samples:
    """Drops `share` of the 20 ms packets, in bursts, and conceals them.

    Concealment repeats the last packet with decreasing level, or is silent, at random per call.
    """
    packets = len(audio) // _PACKET
    stay = rng.uniform(0.1, 0.5)
    enter = share * (1 - stay) / max(1 - share, 0.1)
    decay = rng.choice([0.0, 0.5, 0.7, 0.9])
    chances = rng.random(packets)
    output = audio.copy()
    run = 0
    for packet in range(1, packets):
        lost = chances[packet] < (stay if run else enter)
        run = run + 1 if lost else 0
        if lost:
            at = packet * _PACKET
            output[at : at + _PACKET] = output[at - _PACKET : at] * (decay if run < 4 else 0)
    return output


def _through_table(audio: Samples, table: NDArray[np.float32]) -> Samples:
    index = np.clip(np.round(audio * 32768), -32768, 32767).astype(np.int32) + 32768
    output: Samples = table[index]
    return output


@cache
def _table(law: str) -> NDArray[np.float32]:
    """The nearest decoded level of each 16-bit sample, full scale ±1, shape (65536,)."""
    segment, step = np.divmod(np.arange(128), 16)
    if law == "mu":
        positive = ((2 * step + 33) * 2**segment - 33) * 4.0
    else:
        positive = np.where(segment == 0, 2 * step + 1, (2 * step + 33) * 2.0 ** (segment - 1)) * 8
    levels = np.unique(np.concatenate([-positive, positive]))
    borders = (levels[1:] + levels[:-1]) / 2
    nearest = np.searchsorted(borders, np.arange(-32768, 32768))
    return (levels[nearest] / 32768).astype(np.float32)
