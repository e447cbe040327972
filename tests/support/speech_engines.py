"""Speech engines that tests give to real worker processes: one that works, and each that fails.

``trail`` is a file to which an engine writes a line for every text it is given, so that a test
sees what happened in the other process.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from unittest import mock

import numpy as np

from bot.adapters.synthesizer_pyttsx3 import Pyttsx3Engine, espeak
from bot.audio.files import Samples
from bot.synthesis.engine_spec import EngineSpec

RATE = 16_000
MS_PER_CHARACTER = 20


class Tone:
    """A tone as long as the text, with silence around it; slower at a lower rate."""

    def __init__(self, trail: str = "") -> None:
        self._trail = Path(trail) if trail else None

    def render(self, text: str, rate_percent: int) -> tuple[Samples, int]:
        self.note(text)
        ms = len(text) * MS_PER_CHARACTER * 100 // rate_percent
        times = np.arange(RATE * ms // 1000) / RATE
        tone = (3_000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
        return np.pad(tone, (RATE // 10, RATE // 4)), RATE

    def note(self, text: str) -> int:
        """Write the text down; returns how many were written before."""
        if self._trail is None:
            return 0
        before = len(self._trail.read_text().splitlines()) if self._trail.exists() else 0
        with self._trail.open("a") as file:
            file.write(f"{os.getpid()} {text}\n")
        return before


class DiesFirst(Tone):
    """The process ends in the middle of its first text, as a crash in a C library would."""

    def note(self, text: str) -> int:
        before = super().note(text)
        if before == 0:
            os.kill(os.getpid(), signal.SIGSEGV)
        return before


class HangsFirst(Tone):
    """Never answers its first text."""

    def note(self, text: str) -> int:
        before = super().note(text)
        if before == 0:
            signal.pause()
        return before


class Hangs(Tone):
    """Never answers."""

    def note(self, text: str) -> int:
        super().note(text)
        signal.pause()
        return 0


class Fails(Tone):
    """Raises for every text."""

    def note(self, text: str) -> int:
        super().note(text)
        raise RuntimeError("out of breath")


class Quotes(Tone):
    """Raises an error that repeats the text, as encoders and parsers do."""

    def note(self, text: str) -> int:
        raise ValueError(f"cannot say {text}")


class SlowFails(Tone):
    """Works at the normal rate and no other."""

    def render(self, text: str, rate_percent: int) -> tuple[Samples, int]:
        if rate_percent != 100:
            raise RuntimeError("out of breath")
        return super().render(text, rate_percent)


class Silent(Tone):
    """Returns silence, as engines do under load."""

    def render(self, text: str, rate_percent: int) -> tuple[Samples, int]:
        self.note(text)
        return np.zeros(RATE, np.int16), RATE


class Prints(Tone):
    """Writes to standard output, as engines do."""

    def note(self, text: str) -> int:
        sys.stdout.write("Audio saved to somewhere\n")
        os.write(1, b"and from a C library\n")
        return super().note(text)


class NeverBuilt:
    """Cannot be built."""

    def __init__(self, trail: str = "") -> None:
        raise RuntimeError("no voice")


class DiesBuilding:
    """The process ends while the engine is built."""

    def __init__(self, trail: str = "") -> None:
        os.kill(os.getpid(), signal.SIGSEGV)


def pyttsx3_far_away(data: str, voice: str, words_per_minute: int) -> Pyttsx3Engine:
    """The real engine with its data at another path."""
    with mock.patch("espeakng_loader.get_data_path", return_value=data):
        return espeak(voice, words_per_minute)


def spec(engine: type, trail: Path | None = None, identity: str = "test 1") -> EngineSpec:
    """How a worker builds one of these."""
    options = {"trail": str(trail)} if trail else {}
    return EngineSpec(f"tests.support.speech_engines:{engine.__name__}", options, identity)
