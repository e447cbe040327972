"""Bargein by voice in two stages: sound that may be the caller pauses, words stop the prompt.

Silero takes any voice for speech, however quiet, so its word counts only for sound that stands
13 dB over the tracked noise and is louder than ``bargein_level_db`` (-40 dBFS: below that the
prompt's own echo would stop it); once the caller's own level is known, 10 dB over the noise are
enough, but no more than 6 dB below the caller. A word that is held for
200 ms stops the prompt for good; without one the prompt is resumed.
"""

from __future__ import annotations

from enum import Enum, auto

OVER_NOISE_DB, STRANGER_OVER_NOISE_DB = 10.0, 13.0
UNDER_CALLER_DB = 6.0
WORD_HELD_MS = 200
RESUME_MS = 600
"""Silence without a word after which a paused prompt goes on."""

LONGEST_PAUSE_MS = 2_500
"""Sound without a word that pauses a prompt no longer than this."""


def may_be_caller(
    level_db: float, noise_db: float, caller_db: float | None, least_db: float
) -> bool:
    """Whether speech of this level may be the caller's; ``caller_db`` is None until known."""
    if level_db < least_db:
        return False
    if caller_db is None:
        return level_db >= noise_db + STRANGER_OVER_NOISE_DB
    return level_db >= max(noise_db + OVER_NOISE_DB, caller_db - UNDER_CALLER_DB)


class Stage(Enum):
    """Where the prompt is."""

    PLAYING = auto()
    PAUSED = auto()
    STOPPED = auto()


class Bargein:
    """One prompt: PLAYING ⇄ PAUSED → STOPPED."""

    def __init__(self) -> None:
        self.stage = Stage.PLAYING
        self._paused_ms = 0

    def speech(self, at_ms: int) -> bool:
        """Sound that may be the caller: True when the prompt is to be paused now."""
        if self.stage is not Stage.PLAYING:
            return False
        self.stage, self._paused_ms = Stage.PAUSED, at_ms
        return True

    def word_held(self, held_ms: int) -> bool:
        """A word has been there for so long: True when the prompt is to be stopped now."""
        if self.stage is not Stage.PAUSED or held_ms < WORD_HELD_MS:
            return False
        self.stage = Stage.STOPPED
        return True

    def nothing(self, at_ms: int, silent_ms: int) -> bool:
        """No word yet: True when the prompt is to be resumed now."""
        if self.stage is not Stage.PAUSED:
            return False
        if silent_ms < RESUME_MS and at_ms - self._paused_ms < LONGEST_PAUSE_MS:
            return False
        self.stage = Stage.PLAYING
        return True

    def stop(self) -> bool:
        """A key, or an entry that is complete: True when the prompt is to be stopped now."""
        if self.stage is Stage.STOPPED:
            return False
        self.stage = Stage.STOPPED
        return True
