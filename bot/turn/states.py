"""The states of a turn: three machines that run side by side, and how they couple.

======  ===========================  =====================================================
prompt  PLAYING ⇄ PAUSED → STOPPED   ``bargein``. Speech pauses it, a held word or any key
                                     stops it; without a word it plays on, and the speech is
                                     forgotten. STOPPED, too, once it has been heard to its end.
speech  NONE → OPEN → DUE → NONE     ``endpointer``, ``endpoint_delay``. It is OPEN as long as
                                     more words may come. DUE only once the prompt is STOPPED:
                                     the entry is complete, its silence not yet long enough.
keys    NONE → RUNNING → NONE        ``key_timer``. Speech stops the timer. A key ends speech:
        NONE → HELD → RUNNING        it is HELD until that is recognized, then added to it.
======  ===========================  =====================================================

The turn is over with the first of: speech or keys that are over, silence while all three rest, a
text telephone, a hangup.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from bot.turn.bargein import Stage


class Speech(Enum):
    """State of the utterance."""

    NONE = auto()
    OPEN = auto()
    DUE = auto()


def speech_state(started: bool, due: bool) -> Speech:
    """State of the utterance; ``due`` if it only waits for the rest of its silence."""
    if due:
        return Speech.DUE
    return Speech.OPEN if started else Speech.NONE


class Keys(Enum):
    """State of the keyed entry."""

    NONE = auto()
    HELD = auto()
    RUNNING = auto()


def key_state(held: bool, running: bool) -> Keys:
    """State of the keyed entry; ``held`` if its key waits for the speech before it."""
    if held:
        return Keys.HELD
    return Keys.RUNNING if running else Keys.NONE


@dataclass(frozen=True, slots=True)
class TurnStates:
    """States of the three machines."""

    prompt: Stage
    speech: Speech
    keys: Keys
