"""hibari-tts, a small neural voice with its weights in the wheel: an optional extra."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.audio.files import Samples
from bot.errors import SynthesisError
from bot.synthesis.engine_spec import EngineSpec

if TYPE_CHECKING:  # settings take long to import, and every worker would
    from bot.settings import Speech

VOICE = "heart"
"""The one voice inside the wheel; others would be fetched from the network."""

RATE_HZ = 24_000
_NORMAL_WORDS_PER_MINUTE = 175
"""About what the voice speaks at speed 1."""


def hibari_engine(speech: Speech) -> EngineSpec:
    """What a worker process needs to speak with hibari. Raises SynthesisError without the extra."""
    try:
        installed = version("hibari-tts")
    except PackageNotFoundError:
        raise SynthesisError(
            "the voice hibari is not installed: pip install elms-ivr[hibari]"
        ) from None
    return EngineSpec(
        factory="bot.adapters.synthesizer_hibari:HibariEngine",
        options={"words_per_minute": speech.words_per_minute},
        identity=f"hibari-tts {installed}, {VOICE}, {speech.words_per_minute}",
    )


class HibariEngine:
    """One model on one thread; the seed makes the same text the same audio."""

    def __init__(self, words_per_minute: int) -> None:
        hibari: Any = importlib.import_module("hibari")  # not everybody has it
        self._voice = hibari.Hibari(voice=VOICE, threads=1)
        self._speed = words_per_minute / _NORMAL_WORDS_PER_MINUTE

    def render(self, text: str, rate_percent: int) -> tuple[Samples, int]:
        """Samples of a short text and their rate."""
        speed = min(2.0, max(0.5, self._speed * rate_percent / 100))
        audio = np.asarray(self._voice(text, speed=speed, seed=0), dtype=np.float64)
        return np.clip(np.rint(audio * 32_767), -32_768, 32_767).astype(np.int16), RATE_HZ
