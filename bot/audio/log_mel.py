"""Log-mel spectrograms as Whisper was trained on (Radford et al. 2022, section 2.2).

Frames of 25 ms every 10 ms, a Hann window, mel filters of equal area (Slaney's scale), and
logarithms that reach 8 decades below the loudest.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

RATE_HZ = 16_000
WINDOW, HOP = 400, 160
"""Samples of a frame, and from one frame to the next."""

_DECADES = 8.0
_LEAST_POWER = 1e-10
_LINEAR_TO_HZ, _HZ_PER_MEL = 1_000.0, 200.0 / 3.0
_LOG_STEP = np.log(6.4) / 27.0
"""Slaney's scale: 3 mel for each 200 Hz up to 1 kHz, from there 27 for each factor of 6.4."""

Floats = npt.NDArray[np.float32]


def log_mel(samples: Floats, bands: int) -> Floats:
    """Features of shape (bands, samples / 160) of audio at 16 kHz within −1 to 1, 200 samples or
    more."""
    edge = WINDOW // 2
    padded = np.pad(samples, edge, mode="reflect").astype(np.float32, copy=False)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP][:-1]
    spectrum = np.fft.rfft(frames * _hann(), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    mel = np.maximum(_filters(bands) @ power.T.astype(np.float32), _LEAST_POWER)
    decades = np.log10(mel)
    limited = np.maximum(decades, decades.max(initial=np.log10(_LEAST_POWER)) - _DECADES)
    return np.asarray((limited + 4.0) / 4.0, np.float32)


@cache
def _hann() -> Floats:
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@cache
def _filters(bands: int) -> Floats:
    """Triangles over the frequencies of the spectrum, shape (bands, 201)."""
    at_hz = np.fft.rfftfreq(WINDOW, 1.0 / RATE_HZ)
    corners = _hz(np.linspace(0.0, _mel(RATE_HZ / 2), bands + 2))
    low, mid, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising, falling = (at_hz - low) / (mid - low), (high - at_hz) / (high - mid)
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * 2.0 / (high - low), np.float32)


def _mel(hz: float) -> float:
    """For frequencies above 1 kHz."""
    return float(_LINEAR_TO_HZ / _HZ_PER_MEL + np.log(hz / _LINEAR_TO_HZ) / _LOG_STEP)


def _hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    first = _LINEAR_TO_HZ / _HZ_PER_MEL
    above = _LINEAR_TO_HZ * np.exp(_LOG_STEP * (mel - first))
    found: npt.NDArray[np.float64] = np.where(mel < first, mel * _HZ_PER_MEL, above)
    return found
