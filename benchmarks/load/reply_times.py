"""Breaks down reply times: one caller at a time, over a socket, through the strict double.

The double has a process of its own, and waits are taken at its end: from the last loud sample or
key that it sent to the first reply audio that it plays. The service runs here, and notes on the
same clock when the audio of its decision arrived, how long the backend took, and when reply audio
was handed to the line. What it computed in between is also given as CPU time, which others' work on
the machine changes less. Callers barge in, so that a call of half a minute has five replies.

    python -m benchmarks.load.reply_times --calls 5 --no-whisper
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from typing import Annotated, Any, cast

import typer
from fastapi import WebSocket
from rich.console import Console
from rich.table import Table

from bot.adapters.line_websocket import begin
from bot.audio.files import read_audio, resample, to_pcm
from bot.bootstrap import call_service
from bot.calls import call_log
from bot.clock import RealTimer, at
from bot.demo_backend import DemoBackend
from bot.interfaces import Backend
from bot.lifeline import end_with_pool
from bot.lines.simulated_caller import CallerAction
from bot.records import CallRecord, TurnRecord
from bot.resources import RECORDINGS
from bot.serving.app import create_app
from bot.serving.exchange import Exchange, ServedLine
from bot.serving.server import listen, server_of
from bot.settings import Serve, load_settings
from bot.types import AudioFrame, Dtmf, LineEvent
from server.seed.demonstration import ACCOUNTS
from tests.support.measured_call import Wait, call

LONGEST_MS = 60_000
BARGES_IN_MS = 2_500
"""Time into a prompt at which the caller answers."""
STAGES = ("end of entry detected", "recognizers, dialog, voice", "backend", "line", "total")
CPU = "CPU of the recognizers, dialog, voice"
ENTRIES = ("license number", "PIN", "option", "option", "option")
SAID = ("license_b.flac", "pin_b.flac", "one.flac", "one.flac", "one.flac")
ACCOUNT = next(one for one in ACCOUNTS if one.license_number == "300715")
"""The recorded caller's."""

KEYED = (ACCOUNT.license_number, str(ACCOUNT.pin), "1", "1", "1")


def _now() -> tuple[float, float]:
    return time.monotonic(), time.process_time()


@dataclass
class Stamps:
    """One call's time stamps: seconds on the clock, and seconds of CPU time that this process had
    used by then. ``arrived`` is keyed by audio time."""

    arrived: dict[int, tuple[float, float]] = field(default_factory=dict)
    sent: list[tuple[float, float]] = field(default_factory=list)
    asked_s: list[tuple[float, float]] = field(default_factory=list)
    turns: tuple[TurnRecord, ...] = ()
    kept: asyncio.Event = field(default_factory=asyncio.Event)


class StampedLine:
    """A line whose events and reply audio are noted."""

    def __init__(self, line: Any, stamps: Stamps) -> None:
        self._line = line
        self._stamps = stamps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)

    async def events(self) -> AsyncIterator[LineEvent]:
        """As the line's own."""
        async for event in self._line.events():
            if isinstance(event, AudioFrame):
                self._stamps.arrived[event.end_ms] = _now()
            elif isinstance(event, Dtmf):
                self._stamps.arrived[event.at_ms] = _now()
            yield event

    async def send(self, frame: AudioFrame) -> None:
        """As the line's own."""
        self._stamps.sent.append(_now())
        await self._line.send(frame)


class StampedBackend:
    """A backend whose answers and records are noted in ``stamps``, those of the call under way."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.stamps = Stamps()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    async def ask(self, request: Any, call_id: str, caller_number: str | None) -> Any:
        """As the backend's own."""
        began_s = time.monotonic()
        try:
            return await self._backend.ask(request, call_id, caller_number)
        finally:
            self.stamps.asked_s.append((began_s, time.monotonic()))

    async def store_call(self, record: CallRecord) -> None:
        """As the backend's own."""
        self.stamps.turns = record.turns
        self.stamps.kept.set()
        await self._backend.store_call(record)


def stages(wait: Wait, turn: TurnRecord, stamps: Stamps) -> tuple[float, ...]:
    """Split a wait into its STAGES, in milliseconds, followed by CPU time."""
    decided_s, before_s = stamps.arrived[turn.timing.end_ms]
    sent_s, used_s = next(sent for sent in stamps.sent if sent[0] > decided_s)
    asked_s = sum(end - start for start, end in stamps.asked_s if decided_s < start < sent_s)
    parts = (
        decided_s - wait.said_s,
        sent_s - decided_s - asked_s,
        asked_s,
        wait.heard_s - sent_s,
        wait.heard_s - wait.said_s,
        used_s - before_s,
    )
    return tuple(part * 1000 for part in parts)


@asynccontextmanager
async def served(rate: int, *, whisper: bool) -> AsyncIterator[tuple[str, StampedBackend]]:
    """Run the service in this process; yield its address, and the backend that takes stamps."""
    settings = load_settings()
    rescoring = settings.rescoring.model_copy(update={"enabled": whisper})
    settings = settings.model_copy(update={"rescoring": rescoring})
    section, noted = Serve(), list[StampedBackend]()

    def noting(backend: Backend) -> Backend:
        noted.append(StampedBackend(backend))
        return cast("Backend", noted[-1])

    with DemoBackend(lift_budgets=True) as demo:
        async with call_service(
            settings,
            backend=demo.start(),
            warm_rates=(rate,),
            backend_as=noting,
            now=at(None),
        ) as calls:
            exchange = Exchange(calls, section.calls, RealTimer())

            async def line_of(socket: WebSocket) -> ServedLine | None:
                line = await begin(socket, RealTimer(), exchange.steps.end)
                return line and cast("ServedLine", StampedLine(line, noted[0].stamps))

            listening = listen("127.0.0.1", 0)
            server = server_of(create_app(exchange, line_of, section), section)
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            await server.up.wait()
            yield f"ws://127.0.0.1:{listening.getsockname()[1]}/media", noted[0]
            server.should_exit = True
            await serving


def talk(uri: str, rate: int, number: int, *, keyed: bool) -> list[Wait]:
    """Make one call in a process of its own. Raises RuntimeError if it was refused."""
    actions = _actions(rate, keyed=keyed)
    waits = asyncio.run(call(uri, actions, rate, number=number, longest_ms=LONGEST_MS))
    if waits is None:
        raise RuntimeError("the call was refused")
    return waits


def _actions(rate: int, *, keyed: bool) -> list[CallerAction]:
    if keyed:
        entries = [CallerAction(keys=keys) for keys in KEYED]
    else:
        said = (resample(read_audio(RECORDINGS / name).samples, 8_000, rate) for name in SAID)
        entries = [CallerAction(pcm=to_pcm(one)) for one in said]
    return [
        replace(action, after_ms=BARGES_IN_MS, when="prompt-start")
        for action in (*entries, CallerAction(hangup=True))
    ]


async def measured(
    calls: int, rate: int, *, whisper: bool, keyed: bool
) -> Mapping[str, list[tuple[float, ...]]]:
    """Make calls; return the stages of each wait by entry."""
    found: dict[str, list[tuple[float, ...]]] = {}
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(1, get_context("spawn"), end_with_pool) as pool:
        async with served(rate, whisper=whisper) as (uri, backend):
            for number in range(calls):
                backend.stamps = stamps = Stamps()
                one = partial(talk, uri, rate, number, keyed=keyed)
                waits = await loop.run_in_executor(pool, one)
                await stamps.kept.wait()
                turns = [turn for turn in stamps.turns if turn.timing.reply_after_ms is not None]
                if len(waits) != len(ENTRIES) or len(turns) != len(ENTRIES):
                    raise RuntimeError(
                        f"expected {len(ENTRIES)} replies and as many timed turns, "
                        f"but got {len(waits)} and {len(turns)}"
                    )
                for entry, wait, turn in zip(ENTRIES, waits, turns, strict=True):
                    found.setdefault(entry, []).append(stages(wait, turn, stamps))
    return found


def row(name: str, waits: Sequence[tuple[float, ...]]) -> list[str]:
    """Format each stage's p50, and the total's p95."""
    middles = [f"{statistics.median(stage):.0f}" for stage in zip(*waits, strict=True)]
    late = statistics.quantiles((wait[4] for wait in waits), n=20, method="inclusive")[18]
    return [name, str(len(waits)), *middles, f"{late:.0f}"]


def main(
    calls: Annotated[int, typer.Option(help="Calls of five replies each.")] = 4,
    rate: Annotated[int, typer.Option(help="8000 or 16000 Hz.")] = 8_000,
    whisper: Annotated[bool, typer.Option(help="With Whisper.")] = True,
) -> None:
    """Measure spoken, then keyed entries, and print both."""
    call_log.configure_silent()
    console, load = Console(), os.getloadavg()[0]
    table = Table(title=f"{rate} Hz, {'with' if whisper else 'without'} Whisper, ms (median)")
    for heading in ("entry", "replies", *STAGES, CPU, "p95 total"):
        table.add_column(heading)
    for keyed in (False, True):
        found = asyncio.run(measured(calls, rate, whisper=whisper, keyed=keyed))
        how = "keyed" if keyed else "spoken"
        for entry, waits in found.items():
            table.add_row(*row(f"{how} {entry}", waits))
        table.add_row(*row(how, [wait for waits in found.values() for wait in waits]))
        table.add_section()
    console.print(table)
    console.print(f"load of the machine before and after: {load:.1f}, {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    typer.run(main)
