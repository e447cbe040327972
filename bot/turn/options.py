"""Options of one collect: what to listen for, how, and what came just before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.grammar import ActiveGrammars
from bot.hearing.confidence import UNFITTED, Confidence
from bot.turn.key_timer import FullEntry
from bot.turn.parameters import FITTED, TurnParameters
from bot.types import Properties

Hearing = Callable[[int, tuple[str, ...]], None]
"""Is told when (ms) which words are heard so far, unless the entry is secret."""


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """What to listen for, and how."""

    grammars: ActiveGrammars
    properties: Properties
    secret: bool = False
    """Of a secret entry, only the result has words."""
    confidence: Confidence = UNFITTED
    after: FullEntry | None = None
    """The entry before, where its last key made it complete."""
    parameters: TurnParameters = FITTED
    hearing: Hearing | None = None

    @property
    def max_nbest(self) -> int:
        """How many alternatives are looked for."""
        properties = self.properties
        return properties.max_nbest_digits if self.grammars.of_digits else properties.max_nbest
