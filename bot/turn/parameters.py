"""Everything that steers one collect, as one value: each part is described where it is used."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.hearing.interpretation import EntryParameters
from bot.turn.bargein import BargeinParameters
from bot.turn.endpoint_delay import EndpointDelayParameters
from bot.turn.endpointer import EndpointerParameters
from bot.turn.key_timer import KeyParameters


@dataclass(frozen=True, slots=True)
class UtteranceParameters:
    """What of a caller's sound is an utterance."""

    least_word_ms: int = 100
    """Words heard in a shorter sound are none: a click."""
    least_speech_ms: int = 300
    """Shorter sound without a word in it is noise, not an answer."""
    mixed_wait_ms: int = 1_500
    """How long another key may take where a spoken part completes an entry but may have been
    noise."""


@dataclass(frozen=True, slots=True)
class TurnParameters:
    """All that steers one collect."""

    endpointer: EndpointerParameters = field(default_factory=EndpointerParameters)
    endpoint_delay: EndpointDelayParameters = field(default_factory=EndpointDelayParameters)
    bargein: BargeinParameters = field(default_factory=BargeinParameters)
    keys: KeyParameters = field(default_factory=KeyParameters)
    utterance: UtteranceParameters = field(default_factory=UtteranceParameters)
    entry: EntryParameters = field(default_factory=EntryParameters)


FITTED = TurnParameters()
