"""Times of one collect for the record, and its timeline for the call page.

For a secret entry it keeps only times, no words and no keys.
"""

from __future__ import annotations

from bot.hearing.observation import Observation
from bot.hearing.result import RecognitionResult
from bot.records import Timing
from bot.turn.endpointer import End, Endpointer
from bot.turn.options import Hearing

_WHY = {
    End.COMPLETE: "complete",
    End.INCOMPLETE: "more could follow",
    End.NO_SENSE: "no sense here",
    End.TOO_LONG: "spoke too long",
}


class TurnTimeline:
    """Filled by the machine, which sets ``now_ms``; all times are audio milliseconds."""

    def __init__(self, start_ms: int, *, secret: bool, hearing: Hearing | None = None) -> None:
        self._secret = secret
        self._hearing = hearing
        self.start_ms = start_ms
        self.now_ms = start_ms
        self.end_ms = start_ms
        self.prompt_end_ms: int | None = None
        self.speech_start_ms: int | None = None
        self.speech_end_ms: int | None = None
        self.key_ms: int | None = None
        self.bargein = False
        self.partials: list[tuple[int, str]] = []
        self.timeline: list[tuple[int, str]] = []

    @property
    def timing(self) -> Timing:
        """Times when it began, heard something, and was decided."""
        last = [at for at in (self.speech_end_ms, self.key_ms) if at is not None]
        return Timing(
            start_ms=self.start_ms,
            end_ms=self.end_ms,
            prompt_end_ms=self.prompt_end_ms,
            speech_start_ms=self.speech_start_ms,
            speech_end_ms=self.speech_end_ms,
            reply_after_ms=self.end_ms - max(last) if last else None,
        )

    def note(self, text: str) -> None:
        """Add a line for the call page."""
        self.timeline.append((self.now_ms, text))

    def partial(self, words: tuple[str, ...]) -> None:
        """Note the words so far."""
        if not self._secret:
            self.partials.append((self.now_ms, " ".join(words)))
            if self._hearing is not None:
                self._hearing(self.now_ms, words)

    def speech_starts(self, seen: Observation) -> None:
        """Note that the detector reported speech in this piece of audio."""
        levels = f"{seen.level_db:.0f} dBFS, noise {seen.noise_db:.0f} dBFS"
        self.timeline.append((seen.at_ms - seen.duration_ms, f"speech starts at {levels}"))

    def spoken(self, heard: Endpointer) -> None:
        """Note the end of a spoken part with words."""
        if self.speech_start_ms is None:
            self.speech_start_ms = heard.speech_start_ms
        self.speech_end_ms = heard.speech_end_ms

    def end_of_speech(self, end: End, heard: Endpointer) -> None:
        """Note the end of an utterance."""
        self.note(f"{_WHY[end]}: silent for {heard.silent_ms} ms")

    def recognized(self, heard: RecognitionResult) -> None:
        """Note the cost of recognizing an utterance, if it had anything to recognize."""
        if heard.passes:
            times = "1 pass" if heard.passes == 1 else f"{heard.passes} passes"
            self.note(f"heard in {times}, {heard.cost_ms} ms")
        if heard.fused:
            self.note("a second model heard it, too")
        if heard.rescored:
            self.note("another listener ranked what was heard")
        if heard.left_out:
            self.note("another listener was too slow, and left out")

    def key(self) -> None:
        """Note a key of the entry."""
        self.key_ms = self.now_ms
        self.note("key")

    def prompt_ends(self, at_ms: int) -> None:
        """Note that the prompt was played to its end, or stopped."""
        if self.prompt_end_ms is None:
            self.prompt_end_ms = at_ms

    def barged_in(self) -> None:
        """Note that the caller stopped the prompt."""
        self.bargein = True
        self.prompt_ends(self.now_ms)

    def decided(self) -> None:
        """Note the end of the collect."""
        self.end_ms = self.now_ms
