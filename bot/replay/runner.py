"""Makes a script's call through the real components, and compares it with the script."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bot.audio import mulaw
from bot.audio.files import level_db, read_audio, resample, to_pcm, to_samples
from bot.calls.call import EndedCall
from bot.calls.trace import TraceEvent
from bot.elms.requests import FetchService
from bot.errors import BackendError
from bot.interfaces import Backend
from bot.lines.simulated import SimulatedLine
from bot.lines.simulated_caller import CallerAction, SimulatedCaller, When
from bot.records import CallRecord
from bot.replay.expectations import compare
from bot.replay.script import (
    HangUp,
    LineSetup,
    Noise,
    PlayFile,
    PressKeys,
    SayText,
    Script,
    ScriptTurn,
    StaySilent,
)
from bot.service import CallService

LONGEST_NAME = 80
"""Maximum length of a line's name in the backend."""
LONGEST_CALL_MS = 1_200_000

Speak = Callable[[SayText, int], Awaitable[bytes]]
"""Synthesizes a caller's text at a sample rate."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One replayed call: its failures (none if it passed), and how long it took."""

    script: Script
    ended: EndedCall
    failures: tuple[str, ...]
    seconds: float


async def replay_script(
    script: Script, calls: CallService, speak: Speak, record: bool = False
) -> Replayed:
    """Make one call in audio time. Raises AudioError or SynthesisError for the caller's audio."""
    began = time.monotonic()
    actions = [await _action(turn, script.line, speak) for turn in script.turns]
    question = Question()
    noise = _noise(script.noise, actions, script.line.rate)
    caller = SimulatedCaller(actions, script.line.rate, noise, question.words)
    line = SimulatedLine(
        caller,
        script.line.rate,
        name=script.path.stem[:LONGEST_NAME],
        out_of_band_keys=script.line.keys == "out-of-band",
        longest_ms=LONGEST_CALL_MS,
    )
    ended = await calls.answer(line, (question,), record=record, now=script.at)
    failures = tuple(compare(script, ended, caller.began_ms))
    return Replayed(script, ended, failures, time.monotonic() - began)


class Question:
    """A trace listener that collects what was said since the last entry."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def __call__(self, event: TraceEvent) -> None:
        """Add queued sentences; clear at an entry."""
        if event.lane == "caller":
            self._said.clear()
        elif event.lane == "queued":
            self._said.append(event.aloud)

    def words(self) -> str:
        """Join the sentences of the current question."""
        return " ".join(self._said)


class ScriptedTimer:
    """Implements bot.interfaces.Timer with a time that only scripts advance.

    The same call therefore takes the same turns on every machine.
    """

    def __init__(self) -> None:
        self._now_ms = 0
        self._moved = asyncio.Condition()

    def now_ms(self) -> int:
        """Milliseconds by which scripts have advanced the time."""
        return self._now_ms

    async def sleep(self, ms: int) -> None:
        """Return once scripts have advanced the time by ``ms``."""
        until_ms = self._now_ms + ms
        async with self._moved:
            await self._moved.wait_for(lambda: self._now_ms >= until_ms)

    async def move(self, ms: int) -> None:
        """Advance the time for all waiting tasks, including those about to wait."""
        await asyncio.sleep(0)
        async with self._moved:
            self._now_ms += ms
            self._moved.notify_all()


class ScriptedBackend:
    """Wraps the real backend; a script can make it ``down`` or ``slow``.

    ``down`` fails every request; ``slow`` answers after ``one_moment_ms``, once “one moment” plays.
    """

    def __init__(self, inner: Backend, timer: ScriptedTimer, one_moment_ms: int) -> None:
        self._inner = inner
        self._timer = timer
        self._one_moment_ms = one_moment_ms
        self.condition: Literal["seeded", "down", "slow"] = "seeded"

    async def ask(self, request: Any, call_id: str, caller_number: str | None) -> Any:
        """Forward a request, unless the script says otherwise."""
        if self.condition == "down":
            raise BackendError("the script sets the backend to down")
        if self.condition == "slow" and not isinstance(request, FetchService):
            await self._timer.move(self._one_moment_ms)
        return await self._inner.ask(request, call_id, caller_number)

    async def store_call(self, record: CallRecord) -> None:
        """Store the record even if the script sets the backend to down or slow."""
        await self._inner.store_call(record)


# -- the caller's side ------------------------------------------------------------------------


async def _action(turn: ScriptTurn, line: LineSetup, speak: Speak) -> CallerAction:
    when, after_ms = _begins(turn)
    begins = CallerAction(after_ms, when, if_heard=turn.if_heard)
    match turn.act:
        case PlayFile(file):
            return replace(begins, pcm=_through(_read(file, line.rate), line))
        case SayText() as text:
            return replace(begins, pcm=_through(await speak(text, line.rate), line))
        case PressKeys(keys, gap_ms, sent):
            tones = (sent or line.keys) == "tones"
            return replace(begins, keys=keys, gap_ms=gap_ms, tones=tones)
        case StaySilent(duration_ms):
            return replace(begins, wait_ms=duration_ms)
        case HangUp():
            return replace(begins, hangup=True)


def _begins(turn: ScriptTurn) -> tuple[When, int]:
    if turn.after_previous_ms is not None:
        return "previous", turn.after_previous_ms
    if turn.during_prompt_ms is not None:
        return "prompt-start", turn.during_prompt_ms
    return "prompt-end", turn.after_ms


def _read(file: Path, rate: int) -> bytes:
    audio = read_audio(file)
    return to_pcm(resample(audio.samples, audio.rate, rate))


def _through(pcm: bytes, line: LineSetup) -> bytes:
    """Return the caller's audio as the line delivers it."""
    if line.profile == "plain":
        return pcm
    return to_pcm(mulaw.decode(mulaw.encode(to_samples(pcm))))


def _noise(noise: Noise | None, actions: Sequence[CallerAction], rate: int) -> bytes:
    """Scale the noise relative to the caller's loudest entry."""
    speech = [level_db(to_samples(one.pcm)) for one in actions if one.pcm]
    if noise is None or not speech:
        return b""
    samples = to_samples(_read(noise.file, rate))
    gain_db = max(speech) - noise.snr_db - level_db(samples)
    louder = samples.astype(np.float64) * 10 ** (gain_db / 20)
    return to_pcm(np.clip(louder, -32768, 32767).astype(np.int16))
