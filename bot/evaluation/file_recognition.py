"""A recording as one collect: the same turn as in a call, followed by silence."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from bot.audio.files import Audio, frames, read_audio
from bot.calls.tuning import FITTED, Tuning
from bot.grammar import ActiveGrammars
from bot.hearing.confidence import UNFITTED, Confidence
from bot.hearing.ensemble import Ensemble
from bot.hearing.listener import Listener
from bot.hearing.workers import InlineWorkers
from bot.interfaces import SpeechDetector
from bot.tones.keys_and_tty import LineTones
from bot.turn.afterthought import afterthought
from bot.turn.collect import Collected, collect_turn
from bot.turn.options import CollectOptions
from bot.types import (
    AudioFrame,
    Dtmf,
    Interpretation,
    LineEvent,
    Mark,
    Match,
    Mode,
    NoMatch,
    Properties,
)

NARROW_HZ, WIDE_HZ = 8_000, 16_000
FRAME_MS = 20
AFTER_MS = 1_000
"""Silence after a file without speech that makes it a noinput."""


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
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, str | float | int | None]:
        """Values for JSON, without the warnings."""
        fields = asdict(self)
        del fields["warnings"]
        return fields


class _NoPrompt:
    """A player for recordings, to which nothing is played."""

    mark: str | None = None

    def reached(self, mark: Mark) -> bool:
        return False

    async def pause(self, now_ms: int) -> None:
        """There is nothing to pause."""

    async def resume(self, now_ms: int) -> None:
        """There is nothing to resume."""

    async def stop(self, now_ms: int) -> None:
        """There is nothing to stop."""


class RecordedEvents:
    """Frames of a recording, followed by endless silence.

    With ``keys``, tones in the recording are key presses, as on a line with in-band keys only.
    """

    def __init__(self, audio: Audio, keys: bool = False) -> None:
        self.rate = WIDE_HZ if audio.rate >= WIDE_HZ else NARROW_HZ
        self._frames: Iterator[AudioFrame] = frames(audio, self.rate, FRAME_MS)
        self._tones = LineTones(self.rate) if keys else None
        self._ready: deque[LineEvent] = deque()
        self._now_ms = 0

    async def next(self) -> LineEvent:
        """The next 20 ms, preceded by the keys pressed in them."""
        if not self._ready:
            self._take(self._frame())
        return self._ready.popleft()

    def put_back(self, event: LineEvent) -> None:
        """The next event is this one."""
        self._ready.appendleft(event)

    def _take(self, frame: AudioFrame) -> None:
        if self._tones is None:
            self._ready.append(frame)
            return
        found = self._tones.accept(frame)
        self._ready.extend(Dtmf(tone.key, frame.end_ms) for tone in found.pressed)
        self._ready.append(found.speech(frame))

    def _frame(self) -> AudioFrame:
        silence = bytes(self.rate * FRAME_MS // 1000 * 2)
        pcm = next((frame.pcm for frame in self._frames), silence)
        frame = AudioFrame(pcm, self.rate, self._now_ms)
        self._now_ms = frame.end_ms
        return frame


@dataclass(frozen=True, slots=True)
class FileRecognition:
    """Engines, grammars, and properties for any number of files.

    ``keys`` says whether to look for tones, which is useless if only speech is scored.
    ``least_sure`` gives the confidence below which an answer of a grammar is reported as nomatch.
    """

    ensemble: Ensemble
    detector: SpeechDetector
    grammars: ActiveGrammars
    properties: Properties
    confidence: Confidence = UNFITTED
    keys: bool = False
    least_sure: Callable[[str], float] = lambda _grammar: 0.0
    tuning: Tuning = FITTED

    async def recognize(self, path: Path) -> Recognized:
        """Read and recognize a file. Raises AudioError and RecognitionError."""
        audio = read_audio(path)
        found = self.report(str(path), await self.collect(audio))
        return replace(found, warnings=audio.warnings)

    async def collect(self, audio: Audio) -> Collected:
        """Recognize a recording; silence counts from its end. Raises RecognitionError."""
        events = RecordedEvents(audio, self.keys)
        listener = Listener(
            self.ensemble,
            self.detector,
            InlineWorkers(),
            events.rate,
            parameters=self.tuning.hearing,
        )
        patient = replace(self.properties, timeout_ms=audio.duration_ms + AFTER_MS)
        listening = CollectOptions(
            self.grammars, patient, confidence=self.confidence, parameters=self.tuning.turn
        )
        found, turn = await collect_turn(listener, events, _NoPrompt(), listening, 0)
        behind = afterthought(listener, turn, found)
        further = await behind.said(events, _NoPrompt()) if behind else None
        return further or found

    def report(self, file: str, collected: Collected) -> Recognized:
        """One line of output; an answer below its grammar's confidence is a nomatch."""
        result, timing = collected.result, collected.timing
        speech_ms = _length(timing.speech_start_ms, timing.speech_end_ms)
        if isinstance(result, Match) and self._sure(result.best):
            return _matched(file, result.best, speech_ms, timing.reply_after_ms)
        if isinstance(result, Match | NoMatch):
            after_ms = timing.reply_after_ms
            return Recognized(file, "nomatch", speech_ms=speech_ms, reply_after_ms=after_ms)
        return Recognized(file, "noinput")

    def _sure(self, best: Interpretation) -> bool:
        return best.confidence >= self.least_sure(best.grammar)


def _matched(
    file: str, best: Interpretation, speech_ms: int | None, after_ms: int | None
) -> Recognized:
    sure = round(best.confidence, 3)
    return Recognized(
        file, "match", best.value, best.utterance, sure, best.mode, speech_ms, after_ms
    )


def _length(start_ms: int | None, end_ms: int | None) -> int | None:
    return None if start_ms is None or end_ms is None else end_ms - start_ms
