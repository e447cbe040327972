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
"""Called with the words so far and their time (ms), unless the entry is secret."""


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """What to listen for, and how."""

    grammars: ActiveGrammars
    properties: Properties
    secret: bool = False
    """True if only the result may contain words."""
    confidence: Confidence = UNFITTED
    after: FullEntry | None = None
    """The previous entry, if its last key made it complete."""
    parameters: TurnParameters = FITTED
    hearing: Hearing | None = None

    @property
    def max_nbest(self) -> int:
        """Number of alternatives to look for."""
        properties = self.properties
        return properties.max_nbest_digits if self.grammars.of_digits else properties.max_nbest
