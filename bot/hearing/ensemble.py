"""The engines that hear a call: an acoustic model with its fillers, and optional others."""

from __future__ import annotations

from dataclasses import dataclass

from bot.interfaces import Recognizer, Rescorer, Spotter


@dataclass(frozen=True, slots=True)
class Member:
    """A recognizer, and the phrases that stand for out-of-grammar speech."""

    recognizer: Recognizer
    fillers: tuple[str, ...] = ()
    """In hypotheses, each of these words becomes UNKNOWN; empty if the model has none."""


@dataclass(frozen=True, slots=True)
class Ensemble:
    """The engines that hear an utterance: loaded once, shared by all calls."""

    first: Member
    """Decodes every utterance while it is spoken."""
    second: Member | None = None
    """A separately trained model with the same words, for utterances where the first is uncertain
    (decision 72).
    """
    spotter: Spotter | None = None
    """Spots words in the utterances that the second model decodes (decision 73)."""
    rescorer: Rescorer | None = None
    """Scores the alternatives with another recognizer (decision 76)."""
