"""Selects the speech engine in the settings."""

from __future__ import annotations

from importlib.util import find_spec

from bot.adapters.synthesizer_hibari import hibari_engine
from bot.adapters.synthesizer_pyttsx3 import pyttsx3_engine
from bot.settings import Speech
from bot.synthesis.engine_spec import EngineSpec

FALLBACK = (
    "speaking with espeak-ng, which callers understand less well: the voice hibari is not "
    "installed (pip install elms-ivr[hibari])"
)


def speech_engine(speech: Speech) -> EngineSpec:
    """Return how a worker creates the engine in the settings. Raises SynthesisError if not
    installed.
    """
    return hibari_engine(speech) if engine_name(speech) == "hibari" else pyttsx3_engine(speech)


def engine_name(speech: Speech) -> str:
    """Return the engine in the settings or, for ``best``, hibari if it is installed."""
    if speech.engine != "best":
        return speech.engine
    return "hibari" if find_spec("hibari") else "pyttsx3"


def fallback(speech: Speech) -> str | None:
    """Return a line of text if callers hear the lesser voice though nobody chose it."""
    fell_back = speech.engine == "best" and engine_name(speech) != "hibari"
    return FALLBACK if fell_back else None
