"""Selects the speech engine in the settings."""

from __future__ import annotations

from bot.adapters.synthesizer_hibari import hibari_engine
from bot.adapters.synthesizer_pyttsx3 import pyttsx3_engine
from bot.settings import Speech
from bot.synthesis.engine_spec import EngineSpec


def speech_engine(speech: Speech) -> EngineSpec:
    """How a worker creates the engine in the settings. Raises SynthesisError if not installed."""
    return hibari_engine(speech) if speech.engine == "hibari" else pyttsx3_engine(speech)
