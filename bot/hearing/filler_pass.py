"""Decodes an utterance's audio again with out-of-grammar fillers (decision 70).

That costs as much as the first pass, so it begins when an answer is near, and then keeps up with
the caller so that nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.audio.buffer import AudioBuffer
from bot.grammar.phrases import among_fillers
from bot.hearing.ensemble import Member
from bot.hearing.result import FillerPath
from bot.types import UNKNOWN


class FillerPass:
    """The filler pass over one utterance. Raises RecognitionError."""

    def __init__(self, member: Member, phrases: Sequence[str], rate: int) -> None:
        among = among_fillers(phrases, member.fillers)
        self._recognition = member.recognizer.start(among, rate, 1)
        self._taken = 0

    def follow(self, heard: AudioBuffer) -> None:
        """Decode the part of the audio so far that is new."""
        self._recognition.accept(heard.since(self._taken))
        self._taken = len(heard)

    def path(self) -> FillerPath | None:
        """End the utterance; return None if nothing was heard."""
        for best in self._recognition.final()[:1]:
            unknown = sum(word == UNKNOWN for word in best.words)
            return FillerPath(best.log_likelihood, unknown)
        return None
