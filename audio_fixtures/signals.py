"""Computed signals: DTMF keys, call progress tones, noise, and the effect of a telephone line.

All are float arrays with full scale 1.0; every random part takes its own seed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.audio import mulaw
from bot.audio.files import Samples, resample

Signal = npt.NDArray[np.float64]

LOW_HZ = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ = (1209.0, 1336.0, 1477.0)
LAYOUT = ("123", "456", "789", "*0#")
"""ITU-T Q.23: a key is the sum of its row's low and its column's high frequency."""

TELEPHONE_BAND_HZ = (300.0, 3_400.0)


def db(level: float) -> float:
    """Amplitude of a level in decibels."""
    return float(10.0 ** (level / 20.0))


def silence(ms: float, rate: int) -> Signal:
    """Digital silence."""
    return np.zeros(round(rate * ms / 1000))


def tone(hz: Sequence[float], ms: float, rate: int, level_db: float = -16.0) -> Signal:
    """Sum of sines of equal level (dBFS RMS each) with 2 ms ramps."""
    time = np.arange(round(rate * ms / 1000)) / rate
    wave: Signal = np.sin(2 * np.pi * np.outer(hz, time)).sum(axis=0)
    ramp: Signal = np.minimum(1.0, np.minimum(time, time[::-1]) / 0.002)
    shaped: Signal = wave * ramp * (db(level_db) * 2**0.5)
    return shaped


def key_hz(key: str) -> tuple[float, float]:
    """Low and high frequency of a key."""
    row = next(index for index, keys in enumerate(LAYOUT) if key in keys)
    return LOW_HZ[row], HIGH_HZ[LAYOUT[row].index(key)]


def press(
    key: str,
    ms: float = 90,
    rate: int = 16_000,
    level_db: float = -16.0,
    offset_percent: float = 0.0,
    twist_db: float = 0.0,
) -> Signal:
    """One key: the high tone ``twist_db`` above the low one, both off by ``offset_percent``."""
    low, high = (hz * (1 + offset_percent / 100) for hz in key_hz(key))
    low_db, high_db = level_db - max(twist_db, 0.0), level_db + min(twist_db, 0.0)
    return tone([low], ms, rate, low_db) + tone([high], ms, rate, high_db)


def dial(
    keys: str,
    on_ms: float = 90,
    off_ms: float = 110,
    rate: int = 16_000,
    offset_percent: float = 0.0,
) -> Signal:
    """Keys in sequence, each followed by a pause."""
    parts = [silence(300, rate)]
    for key in keys:
        parts += [press(key, on_ms, rate, offset_percent=offset_percent), silence(off_ms, rate)]
    return np.concatenate([*parts, silence(200, rate)])


def with_hole(signal: Signal, at_ms: float, ms: float, rate: int) -> Signal:
    """The same signal, silent for ``ms`` milliseconds."""
    start = round(at_ms * rate / 1000)
    holed = signal.copy()
    holed[start : start + round(ms * rate / 1000)] = 0.0
    return holed


def cadence(hz: Sequence[float], on_ms: float, off_ms: float, times: int, rate: int) -> Signal:
    """A call progress tone, e.g. ringing 440+480 Hz, 2 s on and 4 s off."""
    once = np.concatenate([tone(hz, on_ms, rate, -22.0), silence(off_ms, rate)])
    return np.tile(once, times)


def white_noise(ms: float, rate: int, level_db: float, seed: int) -> Signal:
    """Gaussian noise of this RMS level."""
    random = np.random.default_rng(seed)
    return random.normal(0.0, db(level_db), round(rate * ms / 1000))


def pink_noise(ms: float, rate: int, level_db: float, seed: int) -> Signal:
    """Noise that falls by 3 dB per octave."""
    white = white_noise(ms, rate, 0.0, seed)
    spectrum = np.fft.rfft(white)
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0.0
    return at_level(np.fft.irfft(spectrum, len(white)), level_db)


def music(rate: int) -> Signal:
    """Four chords of decaying harmonics, like hold music."""
    time = np.arange(rate) / rate
    chords = [(262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294)]
    wave = [
        sum(np.sin(2 * np.pi * f * n * time) / n for f in chord for n in (1, 2, 3))
        * np.exp(-2 * time)
        for chord in chords
    ]
    return at_level(np.concatenate(wave), -22.0)


def teletype(rate: int) -> Signal:
    """A text telephone's call: Baudot code (TIA-825-A) at 45.45 baud, 1400 Hz mark, 1800 Hz space.

    The letters shift, then R, Y, R, Y and so on: each a space start bit, five bits, mark for the
    stop bit and a half.
    """
    bit_ms = 22.0
    codes = [0b11111] + [0b01010, 0b10101] * 6
    bits = [(1.0, 300.0)]
    for code in codes:
        bits += [(0.0, bit_ms)] + [(float(code >> n & 1), bit_ms) for n in range(5)]
        bits += [(1.0, bit_ms * 1.5)]
    marks = np.concatenate([np.full(round(rate * ms / 1000), mark) for mark, ms in bits])
    phase = 2 * np.pi * np.cumsum(np.where(marks > 0.5, 1400.0, 1800.0)) / rate
    return np.sin(phase) * db(-13.0)


def at_level(signal: Signal, level_db: float) -> Signal:
    """The signal with this RMS level over its active parts (within 25 dB of the loudest 20 ms)."""
    size = 320
    whole = signal[: len(signal) // size * size].reshape(-1, size)
    power = np.mean(whole**2, axis=1)
    active = power[power > power.max() * 10**-2.5]
    return signal * (db(level_db) / float(np.sqrt(active.mean())))


def to_int16(signal: Signal) -> Samples:
    """Samples, limited at full scale."""
    return np.clip(np.rint(signal * 32_768), -32_768, 32_767).astype(np.int16)


def through_telephone(wide: Samples, rate: int) -> Samples:
    """16 kHz audio after a µ-law trunk: 300-3400 Hz, 8 kHz, G.711 encoded and decoded."""
    spectrum = np.fft.rfft(wide.astype(np.float64))
    hz = np.fft.rfftfreq(len(wide), 1 / rate)
    low, high = TELEPHONE_BAND_HZ
    order = 8
    gain = 1 / np.sqrt((1 + (low / np.maximum(hz, 1)) ** order) * (1 + (hz / high) ** (2 * order)))
    banded = np.fft.irfft(spectrum * gain, len(wide))
    return mulaw.decode(mulaw.encode(resample(to_int16(banded / 32_768), rate, 8_000)))
