"""Bargein by voice in two stages: sound that may be the caller pauses, words stop the prompt.

Silero takes any voice for speech, however quiet, so its word counts only for sound that stands
13 dB over the tracked noise and is louder than ``bargein_level_db`` (-40 dBFS: below that the
prompt's own echo would stop it); once the caller's own level is known, 10 dB over the noise are
enough, but no more than 6 dB below the caller. A word that is held for
200 ms stops the prompt for good; without one the prompt is resumed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from bot.hearing.interpretation import without_unknown
from bot.hearing.observation import Observation


@dataclass(frozen=True, slots=True)
class BargeinParameters:
    """What may stop a prompt by voice."""

    over_noise_db: float = 10.0
    """How far a known caller's speech stands over the noise, dB."""
    stranger_over_noise_db: float = 13.0
    """The same before the caller's level is known, dB."""
    under_caller_db: float = 6.0
    """How far under the caller's level speech may be, dB."""
    word_held_ms: int = 200
    """How long a word is there before it stops the prompt."""
    resume_ms: int = 600
    """Silence without a word after which a paused prompt goes on."""
    longest_pause_ms: int = 2_500
    """Sound without a word pauses a prompt no longer than this."""


FITTED = BargeinParameters()


def may_be_caller(
    level_db: float,
    noise_db: float,
    caller_db: float | None,
    least_db: float,
    by: BargeinParameters = FITTED,
) -> bool:
    """Whether speech of this level may be the caller's; ``caller_db`` is None until known."""
    if level_db < least_db:
        return False
    if caller_db is None:
        return level_db >= noise_db + by.stranger_over_noise_db
    return level_db >= max(noise_db + by.over_noise_db, caller_db - by.under_caller_db)


class Stage(Enum):
    """Where the prompt is."""

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
        """Sound that may be the caller: True when the prompt is to be paused now."""
        if self.stage is not Stage.PLAYING:
            return False
        self.stage, self._paused_ms = Stage.PAUSED, at_ms
        return True

    def word_held(self, held_ms: int) -> bool:
        """A word has been there for so long: True when the prompt is to be stopped now."""
        if self.stage is not Stage.PAUSED or held_ms < self._parameters.word_held_ms:
            return False
        self.stage = Stage.STOPPED
        return True

    def nothing(self, at_ms: int, silent_ms: int) -> bool:
        """No word yet: True when the prompt is to be resumed now."""
        if self.stage is not Stage.PAUSED:
            return False
        paused_ms = at_ms - self._paused_ms
        longest_ms = self._parameters.longest_pause_ms
        if silent_ms < self._parameters.resume_ms and paused_ms < longest_ms:
            return False
        self.stage = Stage.PLAYING
        return True

    def stop(self) -> bool:
        """A key, or an entry that is complete: True when the prompt is to be stopped now."""
        if self.stage is Stage.STOPPED:
            return False
        self.stage = Stage.STOPPED
        return True
