"""Makes the call of a replay script through the real parts, and compares it with the script."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from bot import mulaw
from bot.adapters.line_recording import RecordingLine
from bot.answering import Answered, Answering
from bot.audio import level_db, read_audio, resample, to_pcm, to_samples
from bot.caller import Action, Caller, When
from bot.errors import BackendError
from bot.interfaces import Backend, Timer
from bot.records import CallRecord, TurnRecord
from bot.replayscript import (
    CallExpectation,
    HangUp,
    LineSetup,
    Noise,
    PlayFile,
    PressKeys,
    SayText,
    Script,
    ScriptTurn,
    StaySilent,
    TurnExpectation,
)
from bot.trace import HIDDEN, TraceEvent
from bot.types import BackendAnswer, FetchService, Request

LONGEST_CALL_MS = 1_200_000
SLOW_MS = 2_500
"""A slow backend answers after “one moment” was said."""

Speak = Callable[[SayText, int], Awaitable[bytes]]
"""Makes the audio of a caller's text at a sampling rate."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One replayed call: what did not hold (nothing where it passed), and how long it took."""

    script: Script
    ended: Answered
    failures: tuple[str, ...]
    seconds: float


async def replay_script(
    script: Script, calls: Answering, speak: Speak, record: bool = False
) -> Replayed:
    """Make one call in audio time. Raises AudioError and SynthesisError for the caller's side."""
    began = time.monotonic()
    actions = [await _action(turn, script.line, speak) for turn in script.turns]
    caller = Caller(actions, script.line.rate, _noise(script.noise, actions, script.line.rate))
    line = RecordingLine(
        caller,
        script.line.rate,
        name=script.path.stem,
        out_of_band_keys=script.line.keys == "out-of-band",
        longest_ms=LONGEST_CALL_MS,
    )
    ended = await calls.answer(line, record=record, now=script.at)
    failures = tuple(compare(script, ended, caller.began_ms))
    return Replayed(script, ended, failures, time.monotonic() - began)


class ScriptedBackend:
    """The real backend, or as a script wants it: ``down`` for every request, or ``slow``."""

    def __init__(self, inner: Backend, timer: Timer) -> None:
        self._inner = inner
        self._timer = timer
        self.condition: Literal["seeded", "down", "slow"] = "seeded"

    async def ask(self, request: Request, call_id: str, caller_number: str | None) -> BackendAnswer:
        """Answer, unless the script says otherwise."""
        if self.condition == "down":
            raise BackendError("the script has the backend down")
        if self.condition == "slow" and not isinstance(request, FetchService):
            await self._timer.sleep(SLOW_MS)
        return await self._inner.ask(request, call_id, caller_number)

    async def store_call(self, record: CallRecord) -> None:
        """Keep the record; a replay is stored whatever its script is about."""
        await self._inner.store_call(record)


# -- the caller's side ------------------------------------------------------------------------


async def _action(turn: ScriptTurn, line: LineSetup, speak: Speak) -> Action:
    when, after_ms = _begins(turn)
    match turn.act:
        case PlayFile(file):
            return Action(after_ms, when, pcm=_through(_read(file, line.rate), line))
        case SayText() as text:
            return Action(after_ms, when, pcm=_through(await speak(text, line.rate), line))
        case PressKeys(keys, gap_ms, sent):
            tones = (sent or line.keys) == "tones"
            return Action(after_ms, when, keys=keys, gap_ms=gap_ms, tones=tones)
        case StaySilent(duration_ms):
            return Action(after_ms, when, wait_ms=duration_ms)
        case HangUp():
            return Action(after_ms, when, hangup=True)


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
    """What is left of the caller's audio behind the line."""
    if line.profile == "plain":
        return pcm
    return to_pcm(mulaw.decode(mulaw.encode(to_samples(pcm))))


def _noise(noise: Noise | None, actions: Sequence[Action], rate: int) -> bytes:
    """The noise so far below the caller's loudest entry."""
    speech = [level_db(to_samples(one.pcm)) for one in actions if one.pcm]
    if noise is None or not speech:
        return b""
    samples = to_samples(_read(noise.file, rate))
    gain_db = max(speech) - noise.snr_db - level_db(samples)
    louder = samples.astype(np.float64) * 10 ** (gain_db / 20)
    return to_pcm(np.clip(louder, -32768, 32767).astype(np.int16))


# -- what is expected -------------------------------------------------------------------------


def compare(script: Script, ended: Answered, began_ms: Sequence[int]) -> list[str]:
    """What does not hold, in words; empty where everything does."""
    failures = list(_call_failures(script.expect, ended))
    for number, turn in enumerate(script.turns, 1):
        if turn.expect == TurnExpectation():
            continue
        where = f"turn {number} (line {turn.line})"
        if number > len(began_ms):
            failures.append(f"{where}: the call ended before it")
            continue
        record = _answered(ended.record.turns, began_ms[number - 1])
        if record is None:
            failures.append(f"{where}: nothing was asked then")
            continue
        failures.extend(
            f"{where}: {problem}" for problem in _turn_failures(turn.expect, record, ended)
        )
    return failures


def _call_failures(expect: CallExpectation, ended: Answered) -> list[str]:
    record, failures = ended.record, []
    outcome = record.outcome
    if outcome.outcome != expect.outcome:
        failures.append(
            f"outcome is {outcome.outcome} ({outcome.reason}), expected {expect.outcome}"
        )
    if expect.verified is not None and outcome.verified is not expect.verified:
        failures.append(f"verified is {outcome.verified}, expected {expect.verified}")
    said = _said(ended.trace.events)
    failures += [f"“{one}” was not said" for one in expect.spoken if one.lower() not in said]
    failures += [f"“{one}” was said" for one in expect.not_spoken if one.lower() in said]
    if expect.max_turns is not None and len(record.turns) > expect.max_turns:
        failures.append(f"{len(record.turns)} turns, expected at most {expect.max_turns}")
    return failures


def _turn_failures(expect: TurnExpectation, record: TurnRecord, ended: Answered) -> list[str]:
    value = HIDDEN if record.value is None and record.result == "match" else record.value
    wanted = HIDDEN if expect.value == "hidden" else expect.value
    pairs = (
        ("field", record.field, expect.field),
        ("result", record.result, expect.result),
        ("value", value, wanted),
        ("mode", record.mode, expect.mode),
    )
    failures = [
        f"{name} is {found}, expected {want}"
        for name, found, want in pairs
        if want is not None and found != want
    ]
    if expect.prompt is not None and not expect.prompt.search(_before(record, ended.trace.events)):
        failures.append(f"the prompt does not have “{expect.prompt.pattern}”")
    return failures


def _answered(turns: Sequence[TurnRecord], at_ms: int) -> TurnRecord | None:
    """The collect during which something began."""
    return next((one for one in turns if one.start_ms <= at_ms <= one.end_ms), None)


def _said(events: Sequence[TraceEvent]) -> str:
    return " ".join(event.text for event in events if event.lane == "reply").lower()


def _before(record: TurnRecord, events: Sequence[TraceEvent]) -> str:
    """The words that were queued before the entry and after the one before."""
    heard = [event for event in events if event.lane == "reply"]
    return " ".join(e.text for e in heard if record.start_ms <= e.at_ms <= record.end_ms)
