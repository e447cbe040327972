"""All parameters of one collect as one value; each part is described where it is used."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.hearing.interpretation import EntryParameters
from bot.turn.bargein import BargeinParameters
from bot.turn.endpoint_delay import EndpointDelayParameters
from bot.turn.endpointer import EndpointerParameters
from bot.turn.key_timer import KeyParameters


@dataclass(frozen=True, slots=True)
class UtteranceParameters:
    """Thresholds for sound that counts as an utterance."""

    least_word_ms: int = 100
    """Words in shorter sound are ignored: it is a click."""
    least_speech_ms: int = 300
    """Shorter sound without words is noise, not an answer."""
    mixed_wait_ms: int = 1_500
    """Wait for another key when a spoken part completes an entry but may have been noise."""


@dataclass(frozen=True, slots=True)
class TurnParameters:
    """All parameters of one collect."""

    endpointer: EndpointerParameters = field(default_factory=EndpointerParameters)
    endpoint_delay: EndpointDelayParameters = field(default_factory=EndpointDelayParameters)
    bargein: BargeinParameters = field(default_factory=BargeinParameters)
    keys: KeyParameters = field(default_factory=KeyParameters)
    utterance: UtteranceParameters = field(default_factory=UtteranceParameters)
    entry: EntryParameters = field(default_factory=EntryParameters)


FITTED = TurnParameters()
