"""Resample a stream with a delay of 3 ms.

soxr's stream delivers its output in bursts: with 20 ms frames from 8 to 16 kHz, the measured delay
is 4 to 61 ms at low quality and 10 to 118 ms at medium. Replies due 120 ms after the last word
cannot wait that long; whole recordings can (bot.audio.files.resample).
"""

from __future__ import annotations

from math import gcd

import numpy as np
import numpy.typing as npt

from bot.audio.files import to_pcm, to_samples
from bot.types import AudioFrame

_CROSSINGS = 24
"""Zero crossings of the windowed sinc on each side: flat to 3.4 kHz at 8 kHz."""
_CUTOFF = 0.93
_ROWS = 1_000
"""Windows in one product: OpenBLAS shares a larger one among threads, which cost more CPU than they
save time."""
_KAISER_BETA = 7.0

Int16 = npt.NDArray[np.int16]
Float32 = npt.NDArray[np.float32]


class Resampler:
    """Polyphase windowed-sinc filter (Kaiser window, stop band −70 dB) with its state."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        divisor = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // divisor, from_hz // divisor
        lower = min(1.0, to_hz / from_hz)
        self._half = int(np.ceil(_CROSSINGS / lower))
        self._taps = _taps(self._up, self._half, lower)
        self._pending = np.zeros(self._half - 1, np.float32)
        self._next = 0

    def accept(self, samples: Int16) -> Int16:
        """Take input samples and return the output samples that they complete."""
        self._pending = np.concatenate([self._pending, samples.astype(np.float32)])
        usable = len(self._pending) - 2 * self._half + 1
        if usable <= 0:
            return np.zeros(0, np.int16)
        values = self._everywhere(usable) if self._down == 1 else self._at_places(usable)
        self._pending = self._pending[usable:]
        limited: Int16 = np.clip(np.rint(values), -32_768, 32_767).astype(np.int16)
        return limited

    def _everywhere(self, usable: int) -> Float32:
        """Interpolate at every phase between input samples, in order.

        The windows are built by hand: numpy's sliding_window_view takes as long as the filter.
        """
        step = self._pending.strides[0]
        shape, strides = (usable, 2 * self._half), (step, step)
        windows = np.ndarray(shape, np.float32, self._pending, strides=strides)
        parts = [windows[at : at + _ROWS] @ self._taps.T for at in range(0, usable, _ROWS)]
        values: Float32 = np.concatenate(parts).reshape(-1)
        return values

    def _at_places(self, usable: int) -> Float32:
        """Output n lies at input position n * down / up; ``_next`` counts in steps of 1 / up."""
        positions = np.arange(self._next, usable * self._up, self._down)
        self._next += len(positions) * self._down - usable * self._up
        windows = np.lib.stride_tricks.sliding_window_view(self._pending, 2 * self._half)
        chosen, taps = windows[positions // self._up], self._taps[positions % self._up]
        values: Float32 = np.einsum("ij,ij->i", chosen, taps)
        return values

    def finish(self) -> Int16:
        """The rest of the stream."""
        return self.accept(np.zeros(self._half, np.int16))


class FrameResampler:
    """A stream of frames at another rate, or as they are where that is their own."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._to_hz = to_hz
        self._resampler = None if from_hz == to_hz else Resampler(from_hz, to_hz)

    def accept(self, frame: AudioFrame) -> AudioFrame:
        """Take the next frame, give what it completes, at its time."""
        if self._resampler is None:
            return frame
        samples = self._resampler.accept(to_samples(frame.pcm))
        return AudioFrame(to_pcm(samples), self._to_hz, frame.start_ms)


def _taps(up: int, half: int, lower: float) -> Float32:
    """One filter for each of the ``up`` places of an output sample between two input samples."""
    place = np.arange(up)[:, None] / up
    distance = np.arange(2 * half)[None, :] - (half - 1) - place
    cutoff = lower * _CUTOFF
    window = np.i0(_KAISER_BETA * np.sqrt(np.maximum(0.0, 1 - (distance / half) ** 2)))
    taps = np.sinc(distance * cutoff) * window
    return np.asarray(taps / taps.sum(axis=1, keepdims=True), np.float32)
