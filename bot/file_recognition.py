"""One recording as one collect: the same turn as in a call, with silence behind the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from bot.audio import Audio, frames, read_audio
from bot.confidence import UNFITTED, Confidence
from bot.ear import Ear
from bot.grammar import ActiveGrammars
from bot.interfaces import Recognizer, SpeechDetector
from bot.turn import Collected, Listening, collect
from bot.types import AudioFrame, Interpretation, LineEvent, Match, Mode, NoMatch, Properties
from bot.workers import InlineWorkers

NARROW_HZ, WIDE_HZ = 8_000, 16_000
FRAME_MS = 20
AFTER_MS = 1_000
"""How much silence behind the file, without any speech in it, makes it a noinput."""


@dataclass(frozen=True, slots=True)
class Recognized:
    """One line of ``elms-ivr recognize``."""

    file: str
    result: Literal["match", "nomatch", "noinput"]
    value: str | None = None
    utterance: str | None = None
    confidence: float | None = None
    mode: Mode | None = None
    speech_ms: int | None = None
    reply_after_ms: int | None = None

    def as_dict(self) -> dict[str, str | float | int | None]:
        """For JSON."""
        return asdict(self)


class _NoPrompt:
    """Nothing is played to a file."""

    mark: str | None = None

    def ended(self, mark: str) -> bool:
        return False

    async def pause(self, now_ms: int) -> None:
        """There is nothing to pause."""

    async def resume(self, now_ms: int) -> None:
        """There is nothing to resume."""

    async def stop(self, now_ms: int) -> None:
        """There is nothing to stop."""


class RecordedEvents:
    """Frames of a recording, then silence without end."""

    def __init__(self, audio: Audio) -> None:
        self.rate = WIDE_HZ if audio.rate >= WIDE_HZ else NARROW_HZ
        self._frames: Iterator[AudioFrame] = frames(audio, self.rate, FRAME_MS)
        self._now_ms = 0

    async def next(self) -> LineEvent:
        """The next 20 ms."""
        silence = bytes(self.rate * FRAME_MS // 1000 * 2)
        pcm = next((frame.pcm for frame in self._frames), silence)
        frame = AudioFrame(pcm, self.rate, self._now_ms)
        self._now_ms = frame.end_ms
        return frame


@dataclass(frozen=True, slots=True)
class FileRecognition:
    """Engines, grammars and properties for any number of files."""

    recognizer: Recognizer
    detector: SpeechDetector
    grammars: ActiveGrammars
    properties: Properties
    confidence_level: float = 0.0
    confidence: Confidence = UNFITTED

    async def recognize(self, path: Path) -> Recognized:
        """Read a file and listen to it. Raises AudioError and RecognitionError."""
        return self.report(str(path), await self.collect(read_audio(path)))

    async def collect(self, audio: Audio) -> Collected:
        """Listen to a recording; silence counts from its end. Raises RecognitionError."""
        events = RecordedEvents(audio)
        ear = Ear(self.recognizer, self.detector, InlineWorkers(), events.rate)
        patient = replace(self.properties, timeout_ms=audio.duration_ms + AFTER_MS)
        listening = Listening(self.grammars, patient, confidence=self.confidence)
        return await collect(ear, events, _NoPrompt(), listening, 0)

    def report(self, file: str, collected: Collected) -> Recognized:
        """One line of output; below the confidence level nothing is a match."""
        result = collected.result
        speech_ms = _length(collected.speech_start_ms, collected.speech_end_ms)
        if isinstance(result, Match) and result.best.confidence >= self.confidence_level:
            return _matched(file, result.best, speech_ms, collected.reply_after_ms)
        if isinstance(result, Match | NoMatch):
            after_ms = collected.reply_after_ms
            return Recognized(file, "nomatch", speech_ms=speech_ms, reply_after_ms=after_ms)
        return Recognized(file, "noinput")


def _matched(
    file: str, best: Interpretation, speech_ms: int | None, after_ms: int | None
) -> Recognized:
    sure = round(best.confidence, 3)
    return Recognized(
        file, "match", best.value, best.utterance, sure, best.mode, speech_ms, after_ms
    )


def _length(start_ms: int | None, end_ms: int | None) -> int | None:
    return None if start_ms is None or end_ms is None else end_ms - start_ms
