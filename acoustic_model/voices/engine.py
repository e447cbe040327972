"""What a speech synthesizer for training material is, and what it is given.

The speech is training material only. No engine runs in the service through this package, and none
of their code or voices is shipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from acoustic_model.samples import Samples
from acoustic_model.voices.scripts import Line


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice of one engine, as a row of the table of voices."""

    engine: str
    name: str
    licence: str
    """Of the voice; the engine's own is in :data:`.table.ENGINE_LICENSES`."""
    accent: str = ""
    """Empty: English. Otherwise a language of ``accents``, or an exchange."""
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
        """The speed of one line, some percent about the session's, and the line's own draws."""
        rng = np.random.default_rng([self.seed, line])
        return self.speed * float(rng.uniform(1 - spread, 1 + spread)), rng


@dataclass(frozen=True, slots=True)
class Speech:
    """What an engine gave for a line; full scale ±1, at the engine's own rate."""

    samples: Samples
    rate_hz: int


class Engine(Protocol):
    """One synthesizer, loaded in a worker process of its own."""

    def speak(self, lines: Sequence[Line], setting: Setting) -> Iterator[Speech | None]:
        """Says each of `lines`; None where nothing came of one."""
        ...
