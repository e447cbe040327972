"""The audio of an utterance, heard once more where words of no grammar may be in it (decision 70).

It costs as much as the hearing itself, so it begins when an answer is near; from there on it keeps
up with the caller, and nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.grammar.phrases import among_fillers
from bot.hearing.confidence import Rival
from bot.hearing.ensemble import Member
from bot.types import UNKNOWN


class AmongFillers:
    """One utterance among the fillers of a model that has some. Raises RecognitionError."""

    def __init__(self, member: Member, phrases: Sequence[str], rate: int) -> None:
        among = among_fillers(phrases, member.fillers)
        self._recognition = member.recognizer.start(among, rate, 1)
        self._taken = 0

    def follow(self, heard: bytearray) -> None:
        """Take what is new in all that was heard so far."""
        self._recognition.accept(bytes(heard[self._taken :]))
        self._taken = len(heard)

    def rival(self) -> Rival | None:
        """What the audio is here; the utterance ends with it. None where it is nothing."""
        for best in self._recognition.final()[:1]:
            unknown = sum(word == UNKNOWN for word in best.words)
            return Rival(best.log_likelihood, unknown)
        return None
