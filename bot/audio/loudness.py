"""Prepare synthesized speech for a line: trim silence, set one loudness, avoid clipping."""

from __future__ import annotations

import numpy as np

from bot.audio.files import Samples, level_db

TARGET_DB = -19.0
"""RMS of a sentence, dBFS: the usual active level of telephone speech (ITU-T P.56, -19 dBov)."""

PEAK_DB = -1.0
_FLOOR_DB = 46.0
"""Level below its peak at which a voice counts as silent."""

_KEEP_MS, _FADE_MS, _BLOCK_MS = 15, 5, 5


def trim(samples: Samples, rate: int) -> Samples:
    """Trim silence to 15 ms at both ends, with short fades so that nothing clicks.

    espeak-ng appends 235 ms of silence to every utterance.
    """
    block = max(1, rate * _BLOCK_MS // 1000)
    blocks = np.abs(samples[: len(samples) // block * block].astype(np.int32)).reshape(-1, block)
    if blocks.size == 0 or not blocks.any():
        return samples[:0]
    loud = np.flatnonzero(blocks.max(axis=1) > blocks.max() * 10 ** (-_FLOOR_DB / 20))
    keep = rate * _KEEP_MS // 1000
    start = max(0, int(loud[0]) * block - keep)
    end = min(len(samples), (int(loud[-1]) + 1) * block + keep)
    return _faded(samples[start:end], rate * _FADE_MS // 1000)


def _faded(samples: Samples, length: int) -> Samples:
    length = min(length, len(samples) // 2)
    ramp = np.linspace(0.0, 1.0, length, endpoint=False)
    faded = samples.astype(np.float64)
    faded[:length] *= ramp
    faded[len(faded) - length :] *= ramp[::-1]
    return np.rint(faded).astype(np.int16)


def leveled(samples: Samples, target_db: float = TARGET_DB) -> Samples:
    """Set the RMS level to ``target_db``, or lower if a peak would exceed -1 dBFS."""
    if len(samples) == 0 or not samples.any():
        return samples
    gain = 10 ** ((target_db - level_db(samples)) / 20)
    peak = float(np.abs(samples.astype(np.int32)).max())
    gain = min(gain, 32_767 * 10 ** (PEAK_DB / 20) / peak)
    return np.rint(samples.astype(np.float64) * gain).astype(np.int16)
