"""Find the telephone key in each 20 ms block of 8 kHz audio, with Goertzel filters and phases.

A Goertzel filter is one coefficient of a Fourier transform; here one matrix product computes the
real and imaginary parts of all eight for many blocks. Blocks start every 6.25 ms and are
Hann-windowed, so that the louder tone of a pair does not leak into the softer one. A tone's phase
advance from block to block gives its frequency to within a few hertz: enough to accept ±1.5 % and
reject ±3.5 % (ITU-T Q.24), which a filter's bandwidth alone cannot do in 20 ms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 8_000
BLOCK, HOP = 160, 50
"""Samples in a block, and between the starts of two blocks."""

FARTHEST = 0.025
"""Maximum relative deviation of a tone from its nominal frequency."""
HIGH_OVER_LOW_DB, LOW_OVER_HIGH_DB = 5.5, 9.5
"""Maximum twist: Q.24's 4 and 8 dB, plus what noise at 15 dB adds."""
LEAST_SHARE = 0.8
"""Minimum share of a block's energy in its two tones; white noise at 10 dB leaves 0.91."""
WEAKEST_DB = -46.0
"""Tones below this RMS level (dBFS) are ignored."""
LEAST_PEAK = 0.5 * 32_768 * 10 ** (WEAKEST_DB / 20)
"""Half the RMS of the weakest tone: audio that never reaches it cannot contain a key."""
LEAST_RAW_SHARE = 0.65 * LEAST_SHARE
"""A tone off by FARTHEST still shows 0.72 of its power in the nearest filter."""

_KEYS = ("123A", "456B", "789C", "*0#D")
_HZ = np.array([697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0])

Samples = npt.NDArray[np.int16]
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Blocks:
    """The keys found in consecutive blocks."""

    keys: list[str]
    """One for each block; "" if it contains no key."""
    evidence: list[float]
    """For each block, how far the tones' share of its energy exceeds LEAST_SHARE."""


def blocks_in(samples: int) -> int:
    """Return how many blocks ``keys_of`` examines in so many samples."""
    return max(0, (samples - BLOCK) // HOP)


def keys_of(samples: Samples) -> Blocks | None:
    """Find the keys in all whole blocks but the first, which only gives the next one's initial
    phases. Return None early, as for almost all audio, if no block can contain a key."""
    if not reaches(samples, LEAST_PEAK):
        return None
    weighted = _windows(samples) * _WINDOW
    parts = weighted @ _FILTERS
    power = np.square(parts[1:, :8]) + np.square(parts[1:, 8:])
    total = np.einsum("ij,ij->i", weighted[1:], weighted[1:]) / BLOCK + 1e-12
    pairs = np.maximum.reduceat(power, (0, 4), axis=1).sum(axis=1)
    if not (pairs >= LEAST_RAW_SHARE * total).any():
        return None
    found = parts[:, :8] + 1j * parts[:, 8:]
    chosen = np.stack([power[:, :4].argmax(axis=1), 4 + power[:, 4:].argmax(axis=1)])
    index = np.arange(len(power))
    now, earlier = found[1:][index, chosen], found[:-1][index, chosen]
    off_hz = np.angle(now * earlier.conj() * _TURN[chosen]) * _HZ_PER_RADIAN
    low, high = np.abs(now) ** 2 / _response(off_hz)
    share = (low + high) / total
    ok = (
        (np.abs(off_hz) <= FARTHEST * _HZ[chosen]).all(axis=0)
        & (np.minimum(low, high) >= _power(WEAKEST_DB))
        & (high <= low * _power(HIGH_OVER_LOW_DB))
        & (low <= high * _power(LOW_OVER_HIGH_DB))
        & (share >= LEAST_SHARE)
    )
    rows, columns = chosen.tolist()
    keys = [
        _KEYS[row][column - 4] if good else ""
        for good, row, column in zip(ok.tolist(), rows, columns, strict=True)
    ]
    return Blocks(keys, (share - LEAST_SHARE).tolist())


def reaches(samples: Samples, peak: float) -> bool:
    """Return whether a sample's magnitude is at least ``peak``. (Calls the ufuncs directly: the
    array's methods take twice as long.)"""
    return bool(np.maximum.reduce(samples) >= peak or np.minimum.reduce(samples) <= -peak)


def _windows(samples: Samples) -> Samples:
    """Return a view of all blocks, one per row."""
    step = samples.itemsize
    shape = (blocks_in(len(samples)) + 1, BLOCK)
    return np.ndarray(shape, samples.dtype, samples, strides=(HOP * step, step))


def _power(db: float) -> float:
    return float(10.0 ** (db / 10.0))


_HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(BLOCK) / BLOCK)
_WINDOW = (_HANN / np.sqrt(np.mean(_HANN**2)) / 32_768).astype(np.float32)
"""Preserves mean power; scales full scale to 1."""
_ROTATION = np.exp(-2j * np.pi * np.outer(np.arange(BLOCK), _HZ) / RATE) * (
    np.sqrt(2 * np.mean(_HANN**2)) / np.mean(_HANN) / BLOCK
)
_FILTERS: Float32 = np.hstack([_ROTATION.real, _ROTATION.imag]).astype(np.float32)
"""For a weighted block, eight real and eight imaginary parts; the squared magnitude is the power of
a tone at that frequency."""
_TURN = np.exp(-2j * np.pi * _HZ * HOP / RATE).astype(np.complex64)
"""Cancels the phase that the nominal frequency gains in one hop."""
_HZ_PER_RADIAN = RATE / (2 * np.pi * HOP)


def _response(off_hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the share of a tone's power in a Hann-weighted filter ``off_hz`` away."""
    bins = np.minimum(np.abs(off_hz), 60.0) * BLOCK / RATE
    main_lobe: npt.NDArray[np.float64] = np.sinc(bins) / (1 - bins**2 + 1e-9)
    return main_lobe**2
