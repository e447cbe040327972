"""Detect a text telephone (TTY): its caller cannot hear prompts and must not be timed out.

A TTY sends Baudot at 45.45 baud: each bit is 22 ms of 1400 Hz (mark) or 1800 Hz (space), one pure
tone at a time (ITU-T V.18 annex A, TIA/EIA-825). Neither speech, music, nor a key alternates
between the two tones for half a second with almost nothing else.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bot.audio.files import Samples, to_samples
from bot.tones.goertzel import reaches
from bot.types import AudioFrame

RATE = 8_000
BLOCK, HOP = 88, 44
"""Samples in half a bit, so that most blocks contain one tone only."""
MARK, SPACE = "mark", "space"
MARK_HZ, SPACE_HZ = 1_400.0, 1_800.0
LEAST_SHARE = 0.7
"""Minimum share of a block's energy in one of the two tones."""
WEAKEST_DB = -46.0
LEAST_PEAK = 32_768 * 10 ** (WEAKEST_DB / 20)
"""Audio that never reaches it is weaker than WEAKEST_DB in every block."""
WINDOW = 144
"""Blocks: 0.8 s."""
PIECE = 800
"""Samples examined together: a tenth of a second costs little more than a frame."""
LEAST_TONES, LEAST_EACH, LEAST_TURNS = 0.7, 20, 6

_SCALE = np.float32(1 / 32_768)
_WEAKEST = 10 ** (WEAKEST_DB / 10)
_time = np.arange(BLOCK) / RATE
_ROTATION = np.exp(-2j * np.pi * np.outer(_time, (MARK_HZ, SPACE_HZ))) * (np.sqrt(2) / BLOCK)
_FILTERS = np.hstack([_ROTATION.real, _ROTATION.imag]).astype(np.float32)
"""For a block, the real parts of both tones, then their imaginary parts."""


class TtyDetector:
    """Detects a TTY on one line, from 8 kHz frames; reports it once."""

    def __init__(self) -> None:
        self._pending: Samples = np.zeros(0, np.int16)
        self._arrived: list[bytes] = []
        self._bytes = 0
        self._blocks: deque[str] = deque(maxlen=WINDOW)
        self._told = False

    def accept(self, frame: AudioFrame) -> bool:
        """Take the next frame; return True once, when a TTY is certain."""
        if self._told:
            return False
        self._arrived.append(frame.pcm)
        self._bytes += len(frame.pcm)
        if self._bytes < 2 * PIECE:
            return False
        self._pending = np.concatenate([self._pending, to_samples(b"".join(self._arrived))])
        self._arrived, self._bytes = [], 0
        count = (len(self._pending) - BLOCK) // HOP + 1
        labels = _labels(self._pending, count)
        self._blocks.extend(labels)
        self._pending = self._pending[count * HOP :]
        self._told = MARK in labels and self._sure()
        return self._told

    def _sure(self) -> bool:
        tones = [label for label in self._blocks if label]
        turns = sum(before != after for before, after in pairwise(tones))
        return (
            len(self._blocks) == WINDOW
            and len(tones) >= LEAST_TONES * WINDOW
            and min(tones.count(MARK), tones.count(SPACE)) >= LEAST_EACH
            and turns >= LEAST_TURNS
        )


def _labels(samples: Samples, count: int) -> list[str]:
    """MARK, SPACE, or "" (neither) for each block."""
    if not reaches(samples, LEAST_PEAK):
        return [""] * count
    step = samples.itemsize
    shape, strides = (count, BLOCK), (HOP * step, step)
    blocks = np.ndarray(shape, samples.dtype, samples, strides=strides) * _SCALE
    parts = np.square(blocks @ _FILTERS)
    power: npt.NDArray[np.float32] = parts[:, :2] + parts[:, 2:]
    total = np.einsum("ij,ij->i", blocks, blocks) / BLOCK
    share = np.where((total > _WEAKEST)[:, None], power / np.maximum(total, 1e-12)[:, None], 0.0)
    if not (share >= LEAST_SHARE).any():
        return [""] * count
    return [
        MARK if mark >= LEAST_SHARE else SPACE if space >= LEAST_SHARE else ""
        for mark, space in share.tolist()
    ]
