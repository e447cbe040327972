"""The interface of speech synthesizers that make training material.

Their speech is training material only. The service runs none of them through this package, and
none of their code or voices is shipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from acoustic_model.audio_types import Samples
from acoustic_model.voices.scripts import Line


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of one engine, as a row of the table of voices."""

    engine: str
    name: str
    licence: str
    """License of the voice; the engine's is in :data:`.table.ENGINE_LICENSES`."""
    accent: str = ""
    """Empty for English; otherwise a language of ``accents``, or an exchange."""
    held_out: bool = False
    """Kept for evaluation: never trained on."""
    share: float = 1.0
    """Relative number of sessions."""
    pitch: tuple[float, float] = (0.8, 1.25)
    """Lowest and highest factor applied to its own pitch."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A voice as used in one session, which makes it one synthetic speaker."""

    voice: Voice
    speed: float
    pitch: float
    seed: int

    def varied(self, line: int, spread: float) -> tuple[float, np.random.Generator]:
        """Speed of one line, a few percent around the session's, and the line's own generator."""
        rng = np.random.default_rng([self.seed, line])
        return self.speed * float(rng.uniform(1 - spread, 1 + spread)), rng


@dataclass(frozen=True, slots=True)
class Speech:
    """An engine's audio for one line; full scale ±1, at the engine's own rate."""

    samples: Samples
    rate_hz: int


class Engine(Protocol):
    """One synthesizer, loaded in its own worker process."""

    def speak(self, lines: Sequence[Line], setting: Setting) -> Iterator[Speech | None]:
        """Speaks each of `lines`; yields None for a line without speech."""
        ...
