"""SVOX Pico through the py-nanotts wheel, which has six voices."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence

import numpy as np

from acoustic_model.errors import VoiceError
from acoustic_model.voices.accents import respell
from acoustic_model.voices.engine import Setting, Speech
from acoustic_model.voices.scripts import Line


class Pico:
    """Six small voices similar to unit selection; the text must not contain markup."""

    def __init__(self) -> None:
        try:
            self._engine = importlib.import_module("py_nanotts").NanoTTS()
        except ImportError as error:
            raise VoiceError("pico: the wheel py-nanotts is not installed") from error

    def speak(self, lines: Sequence[Line], setting: Setting) -> Iterator[Speech | None]:
        """Speaks each line at the session's pitch and speed."""
        voice = setting.voice
        for number, line in enumerate(lines):
            speed, rng = setting.varied(number, 0.1)
            text = respell(line.spoken, voice.accent) if voice.accent and line.spoken else line.text
            pcm = self._engine.speak(
                text.replace("<", " "),
                voice=voice.name,
                speed=speed,
                pitch=setting.pitch * rng.uniform(0.96, 1.04),
                volume=0.8,
            )
            samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32)
            samples /= 32768
            yield Speech(samples, 16000) if samples.size else None
