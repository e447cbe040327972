"""Who hears a call: an acoustic model with its fillers, and what may hear beside it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.interfaces import Recognizer, Rescorer, Spotter


@dataclass(frozen=True, slots=True)
class Member:
    """A recognizer, and the phrases that stand for speech outside its grammars."""

    recognizer: Recognizer
    fillers: tuple[str, ...] = ()
    """In hypotheses each word of these is UNKNOWN; empty where the model has none."""


@dataclass(frozen=True, slots=True)
class Ensemble:
    """What hears an utterance: loaded once, shared by all calls."""

    first: Member
    """Hears every utterance as it is spoken."""
    second: Member | None = None
    """A model of the same words, trained apart, for utterances that the first doubts
    (decision 72)."""
    spotter: Spotter | None = None
    """Hears what the second hears (decision 73)."""
    rescorer: Rescorer | None = None
    """Another listener that says how likely the alternatives are (decision 76)."""
