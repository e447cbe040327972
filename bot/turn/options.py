"""What one collect listens for, and what came just before it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.grammar import ActiveGrammars
from bot.hearing.confidence import UNFITTED, Confidence
from bot.turn.key_timer import FullEntry
from bot.types import Properties


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """What to listen for. Of a ``secret`` entry, only the result has words.

    ``after`` is the entry before, where its last key made it complete.
    """

    grammars: ActiveGrammars
    properties: Properties
    secret: bool = False
    confidence: Confidence = UNFITTED
    after: FullEntry | None = None
