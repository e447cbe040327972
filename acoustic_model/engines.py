"""Speech synthesisers behind one small protocol; each is optional, and says so where it is absent.

The speech is training material only. No engine runs in the service through this module, and none
of their code or voices is shipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from acoustic_model.errors import VoiceError
from acoustic_model.scripts import Line
from acoustic_model.signals import Samples


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of one engine, as a row of the table of voices."""

    engine: str
    name: str
    licence: str
    """Of the voice; the engine's own is in :data:`acoustic_model.voice_table.ENGINE_LICENCES`."""
    accent: str = ""
    """Empty: English. Otherwise a language of :mod:`acoustic_model.accents`, or an exchange."""
    held_out: bool = False
    """Kept for evaluation: never trained on."""
    share: float = 1.0
    """How many sessions it gets beside the others."""
    pitch: tuple[float, float] = (0.8, 1.25)
    """Lowest and highest factor of its own pitch."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A voice as one session uses it: that, and nothing else, is a synthetic speaker."""

    voice: Voice
    speed: float
    pitch: float
    seed: int

    def varied(self, line: int, spread: float) -> tuple[float, np.random.Generator]:
        """The speed of one line, some per cent about the session's, and the line's own draws."""
        rng = np.random.default_rng([self.seed, line])
        return self.speed * float(rng.uniform(1 - spread, 1 + spread)), rng


@dataclass(frozen=True, slots=True)
class Speech:
    """What an engine gave for a line; full scale ±1, at the engine's own rate."""

    samples: Samples
    rate_hz: int


class Engine(Protocol):
    """One synthesiser, loaded in a worker process of its own."""

    def speak(self, lines: Sequence[Line], setting: Setting) -> Iterator[Speech | None]:
        """Says each of `lines`; None where nothing came of one."""
        ...


def load(name: str) -> Engine:
    """Loads an engine; raises :class:`~acoustic_model.errors.VoiceError` where it is absent."""
    if name not in _LOADERS:
        raise VoiceError(f"there is no synthesiser {name!r} (one of {', '.join(_LOADERS)})")
    return _LOADERS[name]()


def _espeak() -> Engine:
    from acoustic_model.engine_espeak import Espeak  # noqa: PLC0415

    return Espeak()


def _pico() -> Engine:
    from acoustic_model.engine_pico import Pico  # noqa: PLC0415

    return Pico()


def _hibari() -> Engine:
    from acoustic_model.engine_neural import HibariEngine  # noqa: PLC0415

    return HibariEngine()


def _piper() -> Engine:
    from acoustic_model.engine_neural import PiperEngine  # noqa: PLC0415

    return PiperEngine()


def _kokoro() -> Engine:
    from acoustic_model.engine_kokoro import KokoroEngine  # noqa: PLC0415

    return KokoroEngine()


def _flite() -> Engine:
    from acoustic_model.engine_programs import Flite  # noqa: PLC0415

    return Flite()


def _festival() -> Engine:
    from acoustic_model.engine_programs import Festival  # noqa: PLC0415

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
