"""The actions that the turn's state machine asks its driver to perform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from bot.hearing.result import Needs, RecognitionResult


class Action(Enum):
    """What the driver is to do."""

    PAUSE_PROMPT = auto()
    RESUME_PROMPT = auto()
    STOP_PROMPT = auto()
    DISCARD = auto()
    """The recognizers forget the utterance."""


@dataclass(frozen=True, slots=True)
class Recognize:
    """The driver is to have the utterance recognized, by all that it ``needs``, and then to do what
    ``then`` makes of it (with the time in milliseconds) before anything else."""

    needs: Needs
    then: Callable[[RecognitionResult, int], Actions]


@dataclass(frozen=True, slots=True)
class Prepare:
    """The driver is to begin what the utterance will need if it ends here, and to wait for nothing
    of it."""

    needs: Needs


Actions = tuple[Action | Recognize | Prepare, ...]
"""To be done in this order."""
