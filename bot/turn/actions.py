"""The actions that the turn's state machine asks its driver to perform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from bot.hearing.result import Needs, RecognitionResult


class Action(Enum):
    """An action for the driver."""

    PAUSE_PROMPT = auto()
    RESUME_PROMPT = auto()
    STOP_PROMPT = auto()
    DISCARD = auto()
    """Make the recognizers forget the utterance."""


@dataclass(frozen=True, slots=True)
class Recognize:
    """Have the utterance recognized, with all the passes that it ``needs``; then call ``then`` with
    the result before anything else.
    """

    needs: Needs
    then: Callable[[RecognitionResult], Actions]
    last: bool = False
    """Whether the utterance is over, so that the recognizers forget it."""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Begin the passes that the utterance needs if it ends here, without waiting for them."""

    needs: Needs


Actions = tuple[Action | Recognize | Prepare, ...]
"""Perform these in this order."""
