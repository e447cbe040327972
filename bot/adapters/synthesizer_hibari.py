"""hibari-tts, a small neural voice with its weights in the wheel, as a driver of pyttsx3.

`pyttsx3.init("hibari")` speaks with it once :func:`register` was called: pyttsx3 finds drivers as
modules of its own, by name. An extra, and the standard voice where it is installed.
"""

from __future__ import annotations

import importlib
import sys
import wave
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.adapters.synthesizer_pyttsx3 import Pyttsx3Engine
from bot.errors import SynthesisError
from bot.synthesis.engine_spec import EngineSpec

if TYPE_CHECKING:  # settings take long to import, and every worker would
    from bot.settings import Speech

DRIVER = "hibari"
VOICE = "heart"
"""The one voice in the wheel; others would be downloaded."""

RATE_HZ = 24_000
_NORMAL_WORDS_PER_MINUTE = 175
"""About the voice's rate at speed 1."""
_SLOWEST, _FASTEST = 0.5, 2.0
"""Speeds that the voice supports."""


def hibari_engine(speech: Speech) -> EngineSpec:
    """Return how a worker process creates hibari. Raises SynthesisError without the extra."""
    try:
        made_by = f"pyttsx3 {version('pyttsx3')}, hibari-tts {version('hibari-tts')}"
    except PackageNotFoundError:
        raise SynthesisError(
            "the voice hibari is not installed: pip install elms-ivr[hibari]"
        ) from None
    return EngineSpec(
        factory="bot.adapters.synthesizer_hibari:hibari",
        options={"words_per_minute": speech.words_per_minute},
        identity=f"{made_by}, {VOICE}, {speech.words_per_minute}",
    )


def hibari(words_per_minute: int) -> Pyttsx3Engine:
    """Return the engine with hibari. Raises SynthesisError."""
    register()
    return Pyttsx3Engine(DRIVER, words_per_minute, lambda: None)


def register() -> None:
    """Make the driver known to pyttsx3 in this process."""
    name = f"pyttsx3.drivers.{DRIVER}"
    module = ModuleType(name, __doc__)
    module.buildDriver = HibariDriver  # type: ignore[attr-defined]
    sys.modules[name] = module


class HibariDriver:
    """The interface that pyttsx3 expects of a driver (`pyttsx3/drivers/dummy.py`); it writes files,
    one at a time.

    The names are pyttsx3's. The seed makes the same text the same audio.
    """

    def __init__(self, proxy: Any) -> None:
        self._proxy = proxy
        package: Any = importlib.import_module("hibari")  # not everybody has it
        self._voice = package.Hibari(voice=VOICE, threads=1)
        self._properties: dict[str, Any] = {
            "rate": _NORMAL_WORDS_PER_MINUTE,
            "volume": 1.0,
            "voice": VOICE,
            "voices": [VOICE],
        }

    def save_to_file(self, text: str, filename: str) -> None:
        """Write the text to a WAV file of 16 bits."""
        speed = self._properties["rate"] / _NORMAL_WORDS_PER_MINUTE
        audio = self._voice(text, speed=min(_FASTEST, max(_SLOWEST, speed)), seed=0)
        scaled = np.rint(np.asarray(audio, np.float64) * self._properties["volume"] * 32_767)
        with wave.open(filename, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(np.clip(scaled, -32_768, 32_767).astype("<i2").tobytes())
        self._proxy.notify("finished-utterance", completed=True)

    def say(self, text: str) -> None:
        """Not supported by this driver: a line plays what was written."""
        raise SynthesisError(f"hibari only writes files: {len(text)} characters")

    def getProperty(self, name: str) -> Any:  # noqa: N802  pyttsx3's name
        """Return one of rate (words per minute), volume (0 to 1), voice, and voices. Raises
        KeyError.
        """
        return self._properties[name]

    def setProperty(self, name: str, value: Any) -> None:  # noqa: N802  pyttsx3's name
        """Set one of them. Raises KeyError."""
        if name not in self._properties or (name == "voice" and value != VOICE):
            raise KeyError(f"{name} {value}")
        self._properties[name] = value

    def startLoop(self) -> None:  # noqa: N802  pyttsx3's name
        """Do everything that is queued, including the end of the loop."""
        self._proxy.setBusy(False)

    def endLoop(self) -> None:  # noqa: N802  pyttsx3's name
        """The queue is empty: nothing runs on."""

    def stop(self) -> None:
        """Nothing runs on."""

    def destroy(self) -> None:
        """Nothing is held."""
