"""Nonspeech sounds on a line: tones, TTY, music, knocks, coughs, breath, hum."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from acoustic_model.audio_types import RATE_HZ, Samples
from acoustic_model.telephone.noises import car, hum, white

_DTMF_LOW, _DTMF_HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_CALL_TONES = (  # frequencies in Hz, seconds on, seconds off: North America and Europe
    ((440, 480), 2.0, 4.0),
    ((425,), 1.0, 4.0),
    ((400, 450), 0.4, 0.2),
    ((480, 620), 0.5, 0.5),
    ((480, 620), 0.25, 0.25),
    ((350, 440), 9.0, 0.1),
    ((425,), 0.5, 0.5),
    ((1100,), 0.5, 3.0),
    ((2100,), 3.0, 0.1),
)
_SCALE = (0, 2, 4, 5, 7, 9, 11, 12)


def sounds(count: int, seed: int) -> Iterator[tuple[str, NDArray[np.int16]]]:
    """`count` sounds of 1 to 4 s, each with the name of its kind; the kinds take turns."""
    makers: dict[str, Callable[[int, np.random.Generator], Samples]] = {
        "dtmf": dtmf,
        "call-tone": call_tone,
        "tty": tty,
        "music": music,
        "knocks": knocks,
        "cough": cough,
        "breath": breath,
        "hum": hum,
        "street": car,
        "hiss": white,
    }
    names = list(makers)
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        name = names[number % len(names)]
        sound = makers[name](int(RATE_HZ * rng.uniform(1, 4)), rng)
        peak = float(np.abs(sound).max()) + 1e-9
        yield name, np.round(sound / peak * rng.uniform(0.1, 0.8) * 32767).astype(np.int16)


def dtmf(samples: int, rng: np.random.Generator) -> Samples:
    """Keys pressed one after another."""
    output = np.zeros(samples, np.float32)
    at = int(rng.uniform(0, 0.4) * RATE_HZ)
    while at < samples:
        key = (int(rng.choice(_DTMF_LOW)), int(rng.choice(_DTMF_HIGH)))
        length = int(rng.uniform(0.05, 0.4) * RATE_HZ)
        tone = _tone(key, length)[: samples - at]
        output[at : at + len(tone)] = tone
        at += length + int(rng.uniform(0.04, 0.6) * RATE_HZ)
    return output


def call_tone(samples: int, rng: np.random.Generator) -> Samples:
    """Ringing, busy, dial, and fax tones with their cadence."""
    hertz, on_s, off_s = _CALL_TONES[int(rng.integers(len(_CALL_TONES)))]
    time = (np.arange(samples) + int(rng.uniform(0, on_s) * RATE_HZ)) / RATE_HZ
    sounding = (time % (on_s + off_s)) < on_s
    return _tone(hertz, samples) * sounding.astype(np.float32)


def tty(samples: int, rng: np.random.Generator) -> Samples:
    """A text telephone: frequency-shift keying, 1400 and 1800 Hz at 45.45 baud (ITU-T V.18)."""
    bit = RATE_HZ / 45.45
    bits = rng.integers(0, 2, int(samples / bit) + 2)
    idle = rng.random(len(bits)) < 0.02
    hertz = np.where(bits, 1400, 1800)[(np.arange(samples) / bit).astype(int)]
    carrier = np.sin(2 * np.pi * np.cumsum(hertz) / RATE_HZ).astype(np.float32)
    carrier[np.cumsum(idle)[(np.arange(samples) / bit).astype(int)] % 2 == 1] = 0
    return carrier


def music(samples: int, rng: np.random.Generator) -> Samples:
    """A plucked or bowed melody with chords, like bad hold music."""
    output = np.zeros(samples, np.float32)
    root_hz, beat_s = rng.uniform(110, 330), rng.uniform(0.15, 0.6)
    decay = rng.uniform(0.5, 6)
    partials = rng.uniform(0, 1, 5) / np.arange(1, 6)
    for start in range(0, samples, int(beat_s * RATE_HZ)):
        for _ in range(rng.integers(1, 4)):
            hertz = root_hz * 2 ** (int(rng.choice(_SCALE)) / 12)
            time = np.arange(samples - start) / RATE_HZ
            for harmonic, strength in enumerate(partials, 1):
                wave = np.sin(2 * np.pi * hertz * harmonic * time) * np.exp(-decay * time)
                output[start:] += (strength * wave).astype(np.float32)
    return output


def knocks(samples: int, rng: np.random.Generator) -> Samples:
    """A handset put down, keys struck, crackling."""
    output = np.zeros(samples, np.float32)
    for _ in range(rng.integers(1, 12)):
        length = int(rng.uniform(0.002, 0.06) * RATE_HZ)
        at = int(rng.integers(samples - length))
        burst = white(length, rng) * np.exp(-5 * np.arange(length) / length)
        output[at : at + length] += (burst * rng.uniform(0.2, 1)).astype(np.float32)
    return output


def cough(samples: int, rng: np.random.Generator) -> Samples:
    """One to four bursts of noise, filtered by the resonances of a throat."""
    output = np.zeros(samples, np.float32)
    at = int(rng.uniform(0, 0.3) * RATE_HZ)
    for _ in range(rng.integers(1, 5)):
        length = int(rng.uniform(0.12, 0.35) * RATE_HZ)
        attack = np.minimum(1, np.arange(length) / 80)
        envelope = attack * np.exp(-rng.uniform(3, 8) * np.arange(length) / length)
        burst = _resonant(white(length, rng) * envelope, (rng.uniform(400, 900), 1500, 2600))
        output[at : at + length] += burst[: max(0, samples - at)]
        at += length + int(rng.uniform(0.05, 0.3) * RATE_HZ)
        if at >= samples:
            break
    return output


def breath(samples: int, rng: np.random.Generator) -> Samples:
    """Breathing or wind into the microphone: noise that swells and falls."""
    time = np.arange(samples) / RATE_HZ
    swell = np.abs(np.sin(np.pi * rng.uniform(0.3, 1.2) * time + rng.uniform(0, 3))) ** 3
    return _resonant(white(samples, rng) * swell, (float(rng.uniform(500, 1500)),))


def _tone(hertz: tuple[int, ...], samples: int) -> Samples:
    time = np.arange(samples) / RATE_HZ
    output = np.zeros(samples, np.float32)
    for each in hertz:
        output += np.sin(2 * np.pi * each * time).astype(np.float32)
    return output


def _resonant(audio: NDArray[np.floating], centers_hz: tuple[float, ...]) -> Samples:
    output = np.zeros(len(audio))
    for center_hz in centers_hz:
        radius, angle = 0.93, 2 * np.pi * center_hz / RATE_HZ
        output += lfilter([1, 0, -1], [1, -2 * radius * np.cos(angle), radius**2], audio)
    filtered: Samples = output.astype(np.float32)
    return filtered
