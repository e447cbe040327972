"""Barge-in by voice in two stages: sound that may be the caller's pauses the prompt, words stop it.

The detector, Silero, takes any voice for speech, however quiet. So it counts only for sound that is
13 dB over the tracked noise and louder than ``bargein_level_db`` (-40 dBFS; below that the prompt's
own echo would stop it). Once the caller's own level is known, 10 dB over the noise are enough, but
no more than 6 dB below the caller. A word held for 200 ms stops the prompt for good; without one,
the prompt resumes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from bot.hearing.interpretation import without_unknown
from bot.hearing.observation import Observation


@dataclass(frozen=True, slots=True)
class BargeinParameters:
    """Thresholds for stopping a prompt by voice."""

    over_noise_db: float = 10.0
    """Least level of a known caller's speech over the noise, dB."""
    stranger_over_noise_db: float = 13.0
    """The same before the caller's level is known, dB."""
    under_caller_db: float = 6.0
    """Most that speech may be below the caller's level, dB."""
    word_held_ms: int = 200
    """Time that a word is present before it stops the prompt."""
    resume_ms: int = 600
    """Silence without a word after which a paused prompt resumes."""
    longest_pause_ms: int = 2_500
    """Longest pause of a prompt for sound without a word."""


FITTED = BargeinParameters()


def caller_levels(
    caller_db: float | None, least_db: float, by: BargeinParameters = FITTED
) -> tuple[float, float]:
    """Return the lowest level (dBFS), and the lowest level over the noise (dB), of speech that may
    be the caller's; ``caller_db`` is None until known.
    """
    if caller_db is None:
        return least_db, by.stranger_over_noise_db
    return max(least_db, caller_db - by.under_caller_db), by.over_noise_db


def may_be_caller(
    level_db: float,
    noise_db: float,
    caller_db: float | None,
    least_db: float,
    by: BargeinParameters = FITTED,
) -> bool:
    """Return True if speech of this level may be the caller's, as in ``caller_levels``."""
    lowest_db, over_noise_db = caller_levels(caller_db, least_db, by)
    return level_db >= max(lowest_db, noise_db + over_noise_db)


class Stage(Enum):
    """State of the prompt."""

    PLAYING = auto()
    PAUSED = auto()
    STOPPED = auto()


def gated(seen: Observation, prompt: Stage, surely: float, *, near: bool) -> Observation:
    """While the prompt plays, only what is ``surely`` speech, by its probability, and near the
    caller's level is."""
    seen = replace(seen, partial=without_unknown(seen.partial)) if seen.partial else seen
    counts = near and (seen.probability >= surely or prompt is not Stage.PLAYING)
    return seen if counts or not seen.probability else replace(seen, probability=0.0)


class Bargein:
    """One prompt: PLAYING ⇄ PAUSED → STOPPED."""

    def __init__(self, parameters: BargeinParameters = FITTED) -> None:
        self._parameters = parameters
        self.stage = Stage.PLAYING
        self._paused_ms = 0

    def speech(self, at_ms: int) -> bool:
        """Handle sound that may be the caller's; return True if the prompt must be paused now."""
        if self.stage is not Stage.PLAYING:
            return False
        self.stage, self._paused_ms = Stage.PAUSED, at_ms
        return True

    def word_held(self, held_ms: int) -> bool:
        """Handle a word present for this long; return True if the prompt must be stopped now."""
        if self.stage is not Stage.PAUSED or held_ms < self._parameters.word_held_ms:
            return False
        self.stage = Stage.STOPPED
        return True

    def nothing(self, at_ms: int, silent_ms: int) -> bool:
        """Handle the absence of words; return True if the prompt must be resumed now."""
        if self.stage is not Stage.PAUSED:
            return False
        paused_ms = at_ms - self._paused_ms
        longest_ms = self._parameters.longest_pause_ms
        if silent_ms < self._parameters.resume_ms and paused_ms < longest_ms:
            return False
        self.stage = Stage.PLAYING
        return True

    def stop(self) -> bool:
        """Handle a key or a complete entry; return True if the prompt must be stopped now."""
        if self.stage is Stage.STOPPED:
            return False
        self.stage = Stage.STOPPED
        return True
