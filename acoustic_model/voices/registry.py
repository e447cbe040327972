"""The synthesizers by name. Each is optional; loading a missing one raises an error."""

from __future__ import annotations

from collections.abc import Callable

from acoustic_model.errors import VoiceError
from acoustic_model.voices.engine import Engine


def load(name: str) -> Engine:
    """Loads an engine; raises :class:`~acoustic_model.errors.VoiceError` if it is missing."""
    if name not in _LOADERS:
        raise VoiceError(f"unknown synthesizer {name!r}; use one of {', '.join(_LOADERS)}")
    return _LOADERS[name]()


def _espeak() -> Engine:
    from acoustic_model.voices.espeak import Espeak  # noqa: PLC0415

    return Espeak()


def _pico() -> Engine:
    from acoustic_model.voices.pico import Pico  # noqa: PLC0415

    return Pico()


def _hibari() -> Engine:
    from acoustic_model.voices.neural import HibariEngine  # noqa: PLC0415

    return HibariEngine()


def _piper() -> Engine:
    from acoustic_model.voices.neural import PiperEngine  # noqa: PLC0415

    return PiperEngine()


def _kokoro() -> Engine:
    from acoustic_model.voices.kokoro import KokoroEngine  # noqa: PLC0415

    return KokoroEngine()


def _flite() -> Engine:
    from acoustic_model.voices.festival_flite import Flite  # noqa: PLC0415

    return Flite()


def _festival() -> Engine:
    from acoustic_model.voices.festival_flite import Festival  # noqa: PLC0415

    return Festival()


_LOADERS: dict[str, Callable[[], Engine]] = {
    "espeak": _espeak,
    "pico": _pico,
    "hibari": _hibari,
    "piper": _piper,
    "kokoro": _kokoro,
    "flite": _flite,
    "festival": _festival,
}
ENGINES = tuple(_LOADERS)
