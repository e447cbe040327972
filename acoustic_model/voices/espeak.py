"""espeak-ng through its C library, from a wheel with library and data.

API: espeak-ng's speak_lib.h (espeak_Initialize with AUDIO_OUTPUT_SYNCHRONOUS, a callback that
receives the samples). The library keeps one voice per process.
"""

from __future__ import annotations

import _ctypes
import ctypes
import importlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from acoustic_model.audio_types import Samples
from acoustic_model.errors import CorpusError, VoiceError
from acoustic_model.voices.accents import respell
from acoustic_model.voices.engine import Setting, Speech
from acoustic_model.voices.scripts import Line

_SYNCHRONOUS = 2
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8 = 1
_POSITION_CHARACTER = 1
_WORDS_PER_MINUTE = 155
_LONGEST_S = 15

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Espeak:
    """espeak-ng: dozens of languages, each with dozens of voice variants."""

    def __init__(self) -> None:
        try:
            espeakng_loader = importlib.import_module("espeakng_loader")
        except ImportError as error:
            raise VoiceError("espeak: the wheel espeakng-loader is not installed") from error
        self._path = Path(espeakng_loader.get_library_path())
        self._data = espeakng_loader.get_data_path()
        self._variants = Path(self._data) / "voices" / "!v"
        self._pieces: list[Samples] = []
        self._callback = _Callback(self._receive)  # the library keeps no reference of its own
        self._start()

    def _start(self) -> None:
        """Loads a fresh copy of the library, since earlier speech affects later speech.

        The loader treats a copy of the file as a separate library with its own memory.
        """
        try:
            with tempfile.TemporaryDirectory() as folder:
                self._library = ctypes.CDLL(shutil.copy(self._path, folder))
        except OSError as error:
            raise CorpusError(f"cannot copy {self._path}: {error.strerror or error}") from error
        self._rate_hz = self._library.espeak_Initialize(_SYNCHRONOUS, 0, self._data.encode(), 0)
        if self._rate_hz <= 0:
            raise VoiceError("espeak: the library failed to start")
        self._library.espeak_SetSynthCallback(self._callback)

    def _stop(self) -> None:
        self._library.espeak_Terminate()
        _ctypes.dlclose(self._library._handle)

    def speak(self, lines: Sequence[Line], setting: Setting) -> Iterator[Speech | None]:
        """Speaks each line with the session's variant, pitch, and speed.

        Equal lines and settings give equal speech, regardless of earlier speech.
        """
        self._stop()
        self._start()
        name = setting.voice.name
        variant = name.partition("+")[2]  # the library silently ignores an unknown one
        known = not variant or (self._variants / variant).is_file()
        if not known or self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise VoiceError(f"espeak: unknown voice {name}")
        # Some variants add noise from a generator that is seeded with the time of day.
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(setting.seed))
        ctypes.CDLL(None).srand(ctypes.c_uint(setting.seed))
        for number, line in enumerate(lines):
            speed, rng = setting.varied(number, 0.12)
            pitch = 50 * setting.pitch + rng.uniform(-5, 5)
            self._set(_RATE, _WORDS_PER_MINUTE * speed)
            self._set(_PITCH, min(99, pitch))
            self._set(_RANGE, rng.uniform(30, 70))
            accent = setting.voice.accent
            yield self._say(respell(line.spoken, accent) if accent and line.spoken else line.text)

    def _say(self, text: str) -> Speech | None:
        self._pieces = []
        utf8 = text.encode()
        self._library.espeak_Synth(
            utf8, len(utf8) + 1, 0, _POSITION_CHARACTER, 0, _UTF8, None, None
        )
        self._library.espeak_Synchronize()
        samples = np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.float32)
        return Speech(samples, self._rate_hz) if samples.size else None

    def _set(self, parameter: int, value: float) -> None:
        self._library.espeak_SetParameter(parameter, round(value), 0)

    def _receive(self, samples: Any, count: int, _events: object) -> int:
        if samples and count > 0:
            wave = np.ctypeslib.as_array(samples, (count,)).astype(np.float32)
            wave /= 32768
            self._pieces.append(wave)
        return int(sum(map(len, self._pieces)) > _LONGEST_S * self._rate_hz)
