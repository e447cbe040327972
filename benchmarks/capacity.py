"""How many real-time calls one process carries, and what one call costs.

Callers speak the license number over and over, in real time, through detector, recogniser,
dialog and synthesis. The reply time runs, on the wall clock, from the last loud sample that was
delivered to the first reply audio that was sent.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from bot.adapters.line_recording import FRAME_MS, RecordingLine
from bot.audio import read_audio, to_pcm
from bot.bootstrap import answering
from bot.caller import Action, Caller
from bot.embedded import EmbeddedBackend
from bot.moment import at
from bot.settings import PROJECT, BackendClient, load_settings
from bot.types import AudioFrame, LineEvent

FIXTURE = PROJECT / "audio_fixtures" / "8k" / "license_a.flac"
STEPS = (1, 10, 20, 40, 60, 80, 100, 120)
SECONDS = 25
LIMIT_MS = 500


class RealTimeLine(RecordingLine):
    """A recorded caller at the pace of the wall clock, who notes how long replies take."""

    realtime = True

    def __init__(self, caller: Caller, rate: int, delay_s: float) -> None:
        super().__init__(caller, rate, longest_ms=SECONDS * 1000)
        self._delay_s = delay_s
        self._loud_s: float | None = None
        self.replies_ms: list[float] = []

    async def events(self) -> AsyncIterator[LineEvent]:
        """Deliver each frame when its time has come."""
        await asyncio.sleep(self._delay_s)
        begun = time.monotonic()
        async for event in super().events():
            if isinstance(event, AudioFrame):
                due = begun + (event.start_ms + FRAME_MS) / 1000
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if np.abs(np.frombuffer(event.pcm, "<i2")).max(initial=0) > 800:
                    self._loud_s = due
            yield event

    async def send(self, frame: AudioFrame) -> None:
        """Take a reply, and the time since the caller fell silent."""
        if self._loud_s is not None:
            self.replies_ms.append((time.monotonic() - self._loud_s) * 1000)
            self._loud_s = None
        await super().send(frame)


def rows() -> list[tuple[str, str]]:
    """The table's rows."""
    with EmbeddedBackend() as backend:
        client = backend.start()
        found: list[tuple[str, str]] = []
        carried = 0
        for calls in STEPS:
            before = resource.getrusage(resource.RUSAGE_SELF)
            replies = asyncio.run(_talk(calls, client))
            after = resource.getrusage(resource.RUSAGE_SELF)
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            p50, p95 = _percentiles(replies)
            found.append(
                (
                    f"{calls} calls at once",
                    f"reply p50 {p50:.0f} ms, p95 {p95:.0f} ms ({len(replies)} replies), "
                    f"{cpu / SECONDS / calls:.4f} cores a call, "
                    f"{after.ru_maxrss / 1024:.0f} MB in all",
                )
            )
            if p95 > LIMIT_MS:
                break
            carried = calls
        found.append((f"calls before p95 passes {LIMIT_MS} ms", str(carried)))
        return found


async def _talk(calls: int, client: BackendClient) -> list[float]:
    lines = [_line(number / calls * 5) for number in range(calls)]
    async with answering(load_settings(), backend=client, now=at(None)) as service:
        await asyncio.gather(*(service.answer(line) for line in lines))
    return [reply for line in lines for reply in line.replies_ms]


def _line(delay_s: float) -> RealTimeLine:
    audio = read_audio(Path(FIXTURE))
    says = Action(when="prompt-start", after_ms=2_000, pcm=to_pcm(audio.samples))
    return RealTimeLine(Caller([says] * 12, audio.rate), audio.rate, delay_s)


def _percentiles(values: list[float]) -> tuple[float, float]:
    ordered = statistics.quantiles(values, n=20)
    return statistics.median(values), ordered[18]
