"""Find the telephone key in each 20 ms block of 8 kHz audio, with Goertzel filters and phases.

A Goertzel filter is one coefficient of a Fourier transform; here one matrix product computes all
eight for many blocks. Blocks start every 6.25 ms and are Hann-windowed, so that the louder tone of
a pair does not leak into the softer one. A tone's phase advance from block to block gives its
frequency to within a few hertz: enough to accept ±1.5 % and reject ±3.5 % (ITU-T Q.24), which a
filter's bandwidth alone cannot do in 20 ms.
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
Complex = npt.NDArray[np.complex64]

NOTHING: Complex = np.zeros((1, 8), np.complex64)
"""Coefficients of silence, which precedes the first block."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The keys found in consecutive blocks."""

    keys: list[str]
    """One for each block; "" where there is none."""
    evidence: list[float]
    """For each block, how far the tones' share of its energy exceeds LEAST_SHARE."""
    last: Complex
    """Coefficients of the last block, shape (1, 8): ``before`` of the next call."""


def keys_of(samples: Samples, before: Complex) -> Blocks:
    """Examine every whole block; ``before`` has the coefficients of the block before the first."""
    if max(samples.max(), -int(samples.min())) < LEAST_PEAK:
        count = (len(samples) - BLOCK) // HOP + 1
        last = samples[(count - 1) * HOP :][:BLOCK]
        return _none(count, ((last * _WINDOW) @ _FILTERS)[None, :])
    windows = np.lib.stride_tricks.sliding_window_view(samples, BLOCK)[::HOP]
    weighted = windows * _WINDOW
    found = weighted @ _FILTERS
    power = np.abs(found) ** 2
    total = np.einsum("ij,ij->i", weighted, weighted) / BLOCK + 1e-12
    pairs = power[:, :4].max(axis=1) + power[:, 4:].max(axis=1)
    if (pairs < LEAST_RAW_SHARE * total).all():
        return _none(len(windows), found[-1:])
    chosen = np.stack([power[:, :4].argmax(axis=1), 4 + power[:, 4:].argmax(axis=1)])
    index = np.arange(len(found))
    now, earlier = found[index, chosen], np.concatenate([before, found[:-1]])[index, chosen]
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
    return Blocks(keys, (share - LEAST_SHARE).tolist(), found[-1:])


def _none(blocks: int, last: Complex) -> Blocks:
    """That many blocks without a key: the fast path, for almost all audio."""
    return Blocks([""] * blocks, [0.0] * blocks, last)


def _power(db: float) -> float:
    return float(10.0 ** (db / 10.0))


_HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(BLOCK) / BLOCK)
_WINDOW = (_HANN / np.sqrt(np.mean(_HANN**2)) / 32_768).astype(np.float32)
"""Preserves mean power; scales full scale to 1."""
_FILTERS: Complex = (
    np.exp(-2j * np.pi * np.outer(np.arange(BLOCK), _HZ) / RATE)
    * (np.sqrt(2 * np.mean(_HANN**2)) / np.mean(_HANN) / BLOCK)
).astype(np.complex64)
"""For a weighted block, the squared magnitude is the power of a tone at that frequency."""
_TURN: Complex = np.exp(-2j * np.pi * _HZ * HOP / RATE).astype(np.complex64)
"""Cancels the phase that the nominal frequency gains in one hop."""
_HZ_PER_RADIAN = RATE / (2 * np.pi * HOP)


def _response(off_hz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Share of its power that a tone keeps in a Hann-weighted filter ``off_hz`` away."""
    bins = np.minimum(np.abs(off_hz), 60.0) * BLOCK / RATE
    main_lobe: npt.NDArray[np.float64] = np.sinc(bins) / (1 - bins**2 + 1e-9)
    return main_lobe**2
