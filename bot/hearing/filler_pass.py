"""The audio of an utterance, decoded once more with words outside the grammars (decision 70).

It costs as much as the first pass, so it begins when an answer is near; from there on it keeps up
with the caller, and nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.audio.buffer import AudioBuffer
from bot.grammar.phrases import among_fillers
from bot.hearing.ensemble import Member
from bot.hearing.result import FillerPath
from bot.types import UNKNOWN


class FillerPass:
    """One utterance at a model that has fillers. Raises RecognitionError."""

    def __init__(self, member: Member, phrases: Sequence[str], rate: int) -> None:
        among = among_fillers(phrases, member.fillers)
        self._recognition = member.recognizer.start(among, rate, 1)
        self._taken = 0

    def follow(self, heard: AudioBuffer) -> None:
        """Take what is new in all that was heard so far."""
        self._recognition.accept(heard.since(self._taken))
        self._taken = len(heard)

    def path(self) -> FillerPath | None:
        """End the utterance; None where nothing is heard in it."""
        for best in self._recognition.final()[:1]:
            unknown = sum(word == UNKNOWN for word in best.words)
            return FillerPath(best.log_likelihood, unknown)
        return None
