"""The voices of the synthetic callers: espeak-ng, Pico, and hibari, all offline.

Pico and hibari are wheels needed only to make the recordings: ``py-nanotts``, ``hibari-tts``.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import Any

import espeakng_loader
import numpy as np
import soundfile

from bot.audio.files import Samples, resample

RATE = 16_000
"""Sample rate of all voices, Hz."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One caller's voice. ``speed`` and ``pitch`` are factors of the engine's defaults."""

    engine: str
    name: str
    speed: float = 1.0
    pitch: float = 1.0


LICENSES = {
    "espeak-ng": "Apache-2.0 (ours; espeak-ng itself is GPL-3.0-or-later, its output is not)",
    "pico": "Apache-2.0 (SVOX Pico engine and voice data, by way of py-nanotts 0.1.1)",
    "hibari": "Apache-2.0 (hibari-tts 0.2.1 weights, distilled from Kokoro-82M, Apache-2.0)",
    "signal": "Apache-2.0 (ours, computed)",
}


def speak(voice: Voice, text: str) -> Samples:
    """Speak the text, without leading and trailing silence. RATE Hz, int16."""
    samples, rate = _ENGINES[voice.engine](voice, text)
    return trim(resample(samples, rate, RATE))


def trim(samples: Samples) -> Samples:
    """Trim both ends below 1 % of the peak, keeping 20 ms."""
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > np.abs(samples).max() * 0.01)
    margin = RATE // 50
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


# -- espeak-ng through its C interface (speak_lib.h), which pyttsx3 wraps as well --------------

_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)
_AUDIO_OUTPUT_SYNCHRONOUS, _CHARS_UTF8 = 2, 1
_PARAMETER_RATE, _PARAMETER_PITCH = 1, 3


@cache
def _espeak() -> tuple[Any, int]:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = str(espeakng_loader.get_data_path()).encode()
    return library, library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data, 0)


def _speak_espeak(voice: Voice, text: str) -> tuple[Samples, int]:
    library, rate = _espeak()
    parts: list[Samples] = []

    def collect(data: Any, count: int, _events: Any) -> int:
        if count > 0:
            parts.append(np.ctypeslib.as_array(data, (count,)).copy())
        return 0

    callback = _CALLBACK(collect)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.name.encode()) != 0:
        raise ValueError(f"espeak-ng has no voice {voice.name}")
    library.espeak_SetParameter(_PARAMETER_RATE, round(155 * voice.speed), 0)
    library.espeak_SetParameter(_PARAMETER_PITCH, round(50 * voice.pitch), 0)
    data = text.encode() + b"\0"
    library.espeak_Synth(data, len(data), 0, 1, 0, _CHARS_UTF8, None, None)
    return np.concatenate(parts), rate


# -- the two wheels ---------------------------------------------------------------------------


@cache
def _pico() -> Any:
    return import_module("py_nanotts").NanoTTS()


def _speak_pico(voice: Voice, text: str) -> tuple[Samples, int]:
    wav = _pico().speak(text, voice=voice.name, speed=voice.speed, pitch=voice.pitch, volume=0.8)
    if wav[:4] == b"RIFF":
        samples, rate = soundfile.read(BytesIO(wav), dtype="int16")
        return samples, rate
    return np.frombuffer(wav, "<i2"), 16_000


@cache
def _hibari() -> Any:
    return import_module("hibari").Hibari(threads=1)


def _speak_hibari(voice: Voice, text: str) -> tuple[Samples, int]:
    """Resampling changes the pitch; a factor above 1 also shortens, which speed compensates."""
    audio = _hibari()(text, speed=voice.speed / voice.pitch, seed=1)
    samples = (np.clip(audio, -1, 1) * 32_767).astype(np.int16)
    return samples, round(24_000 * voice.pitch)


_ENGINES: dict[str, Callable[[Voice, str], tuple[Samples, int]]] = {
    "espeak-ng": _speak_espeak,
    "pico": _speak_pico,
    "hibari": _speak_hibari,
}
