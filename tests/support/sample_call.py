"""A made-up call of about seventy seconds: what the call page is judged and tested with.

Nobody speaks in it. Speech is shaped noise, so that the waveform looks like a conversation, and
the events are those that a call writes.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from bot.calls.trace import HIDDEN, Trace
from bot.records import CallRecord, Timing, TurnRecord
from bot.types import CallOutcome, Say

RATE = 8_000
LICENSE_NUMBER = "421903"
_WORD_MS = 330
TIMES = ("prompt_end_ms", "speech_start_ms", "speech_end_ms", "reply_after_ms")


@dataclass
class Sample:
    """A call as it is handed to the page."""

    record: CallRecord
    trace: Trace
    wav: bytes
    muted: tuple[tuple[int, int], ...]


@dataclass
class _Stage:
    """Lays one thing behind the other and keeps the time."""

    now_ms: int = 0
    trace: Trace = field(default_factory=Trace)
    turns: list[TurnRecord] = field(default_factory=list)
    speech: list[tuple[int, int, int]] = field(default_factory=list)
    """Channel, from, to."""

    def says(self, *sentences: str, pause_ms: int = 220) -> None:
        for sentence in sentences:
            end_ms = self.now_ms + 300 + 62 * len(sentence)
            self.trace.add(self.now_ms, "reply", sentence, end_ms)
            self.speech.append((1, self.now_ms, end_ms))
            self.now_ms = end_ms + pause_ms

    def hears(self, words: str, groups: tuple[int, ...] = (), pause_ms: int = 0) -> tuple[int, int]:
        """Speech with partial results behind it, in groups of words; from when to when."""
        start_ms, said = self.now_ms, words.split()
        heard: list[str] = []
        for size in groups or (len(said),):
            end_ms = self.now_ms + size * _WORD_MS
            self.speech.append((0, self.now_ms, end_ms))
            for number in range(size):
                heard.append(said[len(heard)])
                at_ms = self.now_ms + number * _WORD_MS + 260
                self.trace.add(at_ms, "partial", " ".join(heard))
            self.now_ms = end_ms + pause_ms
        self.now_ms -= pause_ms
        return start_ms, self.now_ms

    def turn(self, name: str, start_ms: int, text: str, **kept: object) -> None:
        """End a collect: its record, its caller event, its decision."""
        times: dict[str, Any] = {name: kept.pop(name) for name in TIMES if name in kept}
        record = TurnRecord(
            field=name,
            attempt=int(str(kept.pop("attempt", 1))),
            result=kept.pop("result", "match"),  # type: ignore[arg-type]
            timing=Timing(start_ms, self.now_ms, **times),
            **kept,  # type: ignore[arg-type]
        )
        self.turns.append(record)
        began_ms = record.timing.speech_start_ms
        detail = ""
        if record.result == "match":
            detail = (
                f"{record.mode}, confidence {record.confidence:.2f},"
                f" decided after {record.timing.reply_after_ms} ms"
            )
        spoken_ms = self.now_ms if began_ms is None else began_ms
        self.trace.add(spoken_ms, "caller", text, self.now_ms, detail)
        if record.decision is not None:
            self.trace.add(self.now_ms, "decision", record.decision)
        self.now_ms += 60

    def notes(self, at_ms: int, text: str) -> None:
        self.trace.add(at_ms, "timer", text)


def sample_call() -> Sample:
    """A license number spoken in two groups, a PIN spoken, one silence, status, goodbye."""
    stage = _Stage()
    stage.trace.add(0, "call", "begin", detail="recording, 8000 Hz")
    stage.now_ms = 120
    stage.says(
        "Thank you for calling the Mississippi educator licensure call center.",
        "You can speak or use the keypad.",
        "At any time, say help, or say representative.",
    )
    _license_number(stage)
    muted = _pin(stage)
    stage.says(
        "Your renewal application, received June sixth, is being reviewed by a licensure analyst.",
        "Please allow at least three to five weeks of processing time.",
    )
    _menu(stage)
    stage.says("Thank you for calling.", "Goodbye.")
    stage.now_ms += 200
    outcome = CallOutcome("completed", "caller said goodbye", True, LICENSE_NUMBER)
    stage.trace.add(stage.now_ms, "call", "completed", detail=outcome.reason)
    record = CallRecord(
        call_id="5f1c0a6e9b7d4c33a1e8d2f4b6c80517",
        started_utc="2022-06-14T15:04:05+00:00",
        line="recording",
        duration_ms=stage.now_ms,
        outcome=outcome,
        turns=tuple(stage.turns),
    )
    return Sample(record, stage.trace, _wav(stage, muted), muted)


def _license_number(stage: _Stage) -> None:
    start_ms = stage.now_ms
    stage.says("Please say or key your six digit license number.", pause_ms=0)
    prompt_end_ms, stage.now_ms = stage.now_ms, stage.now_ms + 700
    began, ended = stage.hears("four two one nine oh three", (3, 3), 900)
    stage.notes(began + 160, "speech starts at -21 dBFS, noise -58 dBFS")
    stage.now_ms = ended + 180
    stage.notes(stage.now_ms, "complete: silent for 120 ms")
    stage.turn(
        "license_number",
        start_ms,
        f"four two one nine oh three → {LICENSE_NUMBER}",
        prompt_end_ms=prompt_end_ms,
        speech_start_ms=began,
        speech_end_ms=ended,
        reply_after_ms=214,
        mode="voice",
        confidence=0.968,
        utterance="four two one nine oh three",
        value=LICENSE_NUMBER,
        grammar="license_number",
        decision="accept",
    )


def _pin(stage: _Stage) -> tuple[tuple[int, int], ...]:
    start_ms = stage.now_ms
    stage.says(
        "Please say or key the four digit PIN that you set in your ELMS account.", pause_ms=0
    )
    prompt_end_ms, stage.now_ms = stage.now_ms, stage.now_ms + 600
    began, ended = stage.now_ms, stage.now_ms + 4 * _WORD_MS
    stage.notes(began + 170, "speech starts at -22 dBFS, noise -58 dBFS")
    stage.speech.append((0, began, ended))
    stage.now_ms = ended + 190
    stage.notes(stage.now_ms, "complete: silent for 120 ms")
    stage.turn(
        "pin",
        start_ms,
        HIDDEN,
        prompt_end_ms=prompt_end_ms,
        speech_start_ms=began,
        speech_end_ms=ended,
        reply_after_ms=243,
        mode="voice",
        confidence=0.941,
        grammar="pin",
        decision="accept",
    )
    stage.trace.add(stage.now_ms, "backend", "Verify", detail="61 ms")
    stage.trace.add(stage.now_ms, "backend", "FetchAccount", detail="12 ms")
    return ((began - 300, ended + 300),)


def _menu(stage: _Stage) -> None:
    start_ms = stage.now_ms
    stage.says(
        "To hear your status again, press one.",
        "For other account activity, press two.",
        "For renewal information, press three.",
        "To finish, press four.",
        pause_ms=200,
    )
    prompt_end_ms, stage.now_ms = stage.now_ms - 200, stage.now_ms - 200 + 10_000
    stage.notes(stage.now_ms, "no input for 10000 ms")
    stage.turn(
        "menu",
        start_ms,
        "(silence)",
        result="noinput",
        prompt_end_ms=prompt_end_ms,
        decision="retry",
    )
    start_ms = stage.now_ms
    spoken_ms = stage.now_ms + 2_600
    stage.says(
        "Is there anything else?",
        "For status, press one.",
        pause_ms=0,
    )
    stage.trace.fell_silent(spoken_ms)
    stage.trace.unheard(stage.trace.events[-1].at_ms, Say("For other account activity, press two."))
    stage.now_ms = spoken_ms
    stage.notes(spoken_ms, "key")
    stage.notes(spoken_ms, "keys: max, waited long enough")
    stage.turn(
        "menu",
        start_ms,
        "4 → goodbye",
        attempt=2,
        prompt_end_ms=spoken_ms,
        reply_after_ms=38,
        mode="dtmf",
        confidence=1.0,
        utterance="4",
        value="goodbye",
        grammar="menu",
        bargein=True,
        decision="accept",
    )
    stage.speech = [
        (side, begin, min(end, spoken_ms)) for side, begin, end in stage.speech if begin < spoken_ms
    ]


def _wav(stage: _Stage, muted: tuple[tuple[int, int], ...]) -> bytes:
    noise = np.random.default_rng(7)
    samples = noise.normal(0, 8, (stage.now_ms * RATE // 1000, 2))
    for side, start_ms, end_ms in stage.speech:
        first, last = start_ms * RATE // 1000, min(end_ms * RATE // 1000, len(samples))
        loudness = (2_600, 3_400)[side]
        samples[first:last, side] += loudness * _babble(last - first, noise)
    for start_ms, end_ms in muted:
        samples[start_ms * RATE // 1000 : end_ms * RATE // 1000, 0] = 0
    file = io.BytesIO()
    packed = np.clip(samples, -32768, 32767).astype(np.int16)
    soundfile.write(file, packed, RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _babble(size: int, noise: np.random.Generator) -> npt.NDArray[np.float64]:
    """Low noise that rises and falls like syllables."""
    time = np.arange(size) / RATE
    voice = np.sin(2 * np.pi * (110 + 18 * np.sin(2 * np.pi * 0.7 * time)) * time)
    breath = np.convolve(noise.normal(0, 1, size), np.ones(6) / 6, "same")
    syllables = 3.1 + 0.9 * np.sin(2 * np.pi * 0.53 * time + noise.uniform(0, 6))
    rising = np.abs(np.sin(np.pi * np.cumsum(syllables) / RATE)) ** 1.4
    stress = 0.45 + 0.55 * np.abs(np.sin(2 * np.pi * 0.41 * time + noise.uniform(0, 6)))
    edges = np.minimum(1, np.minimum(time, time[::-1]) / 0.03)
    shaped: npt.NDArray[np.float64] = (voice + breath) * rising * stress * edges
    return shaped


def record(*turns: TurnRecord, duration_ms: int = 10_000) -> CallRecord:
    """A completed call of nothing but its turns."""
    outcome = CallOutcome("completed", "caller said goodbye")
    return CallRecord("c1", "2022-06-14T15:04:05+00:00", "recording", duration_ms, outcome, turns)


def stereo(caller: np.ndarray, reply: np.ndarray) -> bytes:
    """A WAV file of a call at RATE."""
    file = io.BytesIO()
    soundfile.write(file, np.stack([caller, reply], 1), RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()
