"""How many real-time calls this machine can handle, with a process per core; cost of one call.

Callers speak license number and PIN (some key them) and then request the status repeatedly, in real
time, through detector, recognizer, dialog, synthesis, and backend. The reply time is measured on
the wall clock, from the last loud sample or key delivered to the first reply audio sent. If a
caller is not verified, the call was not the one to measure, so there is no figure.
"""

from __future__ import annotations

import asyncio
import os
import resource
import statistics
import time
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from bot.audio.files import read_audio, to_pcm
from bot.bootstrap import call_service
from bot.calls import call_log
from bot.clock import at
from bot.demo_backend import DemoBackend
from bot.lifeline import end_with_pool
from bot.lines.simulated import FRAME_MS, SimulatedLine
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.resources import PROJECT
from bot.settings import BackendClient, load_settings
from bot.types import AudioFrame, Dtmf, LineEvent
from server.seed.demonstration import ACCOUNTS

FIXTURES = PROJECT / "audio_fixtures" / "8k"
SAYS = ("license_b.flac", "pin_b.flac", *["one.flac"] * 9)
"""License number, PIN, and "one" at each menu, which repeats the status."""

KEYED = 20
"""Callers who use keys: enough of them for a figure."""

ACCOUNT = "300715"
"""License number and PIN of those recordings."""

RATE = 8_000
STEPS = (1, 20, 40, 60, 80, 100, 120)
SECONDS = 60
SPREAD_S = 20
"""Callers start spread over this many seconds, so that they are in different parts of the call."""

LIMIT_MS = 500
LOUD = 800


class RealTimeLine(SimulatedLine):
    """A recorded caller in real time, who measures how long replies take."""

    realtime = True

    def __init__(self, caller: SimulatedCaller, delay_s: float) -> None:
        super().__init__(caller, RATE, longest_ms=SECONDS * 1000)
        self._delay_s = delay_s
        self._loud_s: float | None = None
        self.replies_ms: list[float] = []

    async def events(self) -> AsyncIterator[LineEvent]:
        """Deliver each frame when it is due."""
        await asyncio.sleep(self._delay_s)
        begun = time.monotonic()
        async for event in super().events():
            if isinstance(event, Dtmf):
                self._loud_s = time.monotonic()
            if isinstance(event, AudioFrame):
                due = begun + (event.start_ms + FRAME_MS) / 1000
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if np.abs(np.frombuffer(event.pcm, "<i2")).max(initial=0) > LOUD:
                    self._loud_s = due
            yield event

    async def send(self, frame: AudioFrame) -> None:
        """Receive a reply, and record the time since the caller fell silent."""
        if self._loud_s is not None:
            self.replies_ms.append((time.monotonic() - self._loud_s) * 1000)
            self._loud_s = None
        await super().send(frame)


@dataclass(frozen=True, slots=True)
class Load:
    """Result of a number of simultaneous calls; ``cpu_s`` excludes the backend."""

    calls: int
    replies_ms: tuple[float, ...]
    cpu_s: float
    megabytes: float

    @property
    def p95_ms(self) -> float:
        """The 95th percentile of the reply time."""
        return statistics.quantiles(self.replies_ms, n=20, method="inclusive")[18]

    def figure(self) -> str:
        """The figure in words."""
        return (
            f"reply p50 {statistics.median(self.replies_ms):.0f} ms, p95 {self.p95_ms:.0f} ms "
            f"({len(self.replies_ms)} replies), {self.cpu_s / SECONDS / self.calls:.4f} cores "
            f"a call, {self.megabytes:.0f} MB in all"
        )


def rows(steps: tuple[int, ...] = STEPS) -> list[tuple[str, str]]:
    """The table's rows, up to the first load with late replies."""
    cores = os.cpu_count() or 1
    with (
        DemoBackend(lift_budgets=True) as backend,
        ProcessPoolExecutor(cores, get_context("spawn"), _begin) as pool,
    ):
        client = backend.start()
        keyed = _loaded(pool, cores, KEYED, client, keyed=True)
        found = [(f"{KEYED} calls at once, keyed", keyed.figure())]
        carried = 0
        for calls in steps:
            load = _loaded(pool, min(cores, calls), calls, client)
            found.append((f"{calls} calls at once", load.figure()))
            if load.p95_ms > LIMIT_MS:
                break
            carried = calls
        found.append((f"calls before p95 passes {LIMIT_MS} ms", str(carried)))
        return found


def _begin() -> None:
    end_with_pool()
    call_log.configure_silent()


def _loaded(
    pool: Executor, processes: int, calls: int, client: BackendClient, *, keyed: bool = False
) -> Load:
    """Measure all processes together. Raises RuntimeError if a caller was not verified."""
    shares = [range(first, calls, processes) for first in range(processes)]
    delays = [tuple(number / calls * SPREAD_S for number in share) for share in shares]
    parts = list(pool.map(partial(measure, client=client, keyed=keyed), delays))
    replies = tuple(reply for part in parts for reply in part.replies_ms)
    return Load(
        calls, replies, sum(part.cpu_s for part in parts), sum(part.megabytes for part in parts)
    )


def measure(delays_s: tuple[float, ...], client: BackendClient, *, keyed: bool = False) -> Load:
    """Measure one process with a caller per delay. Raises RuntimeError if one is not verified."""
    actions = _keys() if keyed else _says()
    lines = [RealTimeLine(SimulatedCaller(actions, RATE), delay_s) for delay_s in delays_s]
    children = _cpu_s(resource.RUSAGE_CHILDREN)
    cpu_s, verified = asyncio.run(_answered(lines, client))
    if not all(verified):
        raise RuntimeError(f"{verified.count(False)} of {len(lines)} callers were not verified")
    replies = tuple(reply for line in lines for reply in line.replies_ms)
    cpu_s += _cpu_s(resource.RUSAGE_CHILDREN) - children
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Load(len(lines), replies, cpu_s, megabytes)


async def _answered(lines: list[RealTimeLine], client: BackendClient) -> tuple[float, list[bool]]:
    """CPU seconds of this process, and whether each caller was verified."""
    async with call_service(
        load_settings(), backend=client, warm_rates=(RATE,), now=at(None)
    ) as service:
        before = _cpu_s(resource.RUSAGE_SELF)
        answered = await asyncio.gather(*(service.answer(line) for line in lines))
        cpu_s = _cpu_s(resource.RUSAGE_SELF) - before
    return cpu_s, [one.record.outcome.verified for one in answered]


def _cpu_s(whose: int) -> float:
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def _says() -> list[CallerAction]:
    return [CallerAction(pcm=to_pcm(read_audio(FIXTURES / name).samples)) for name in SAYS]


def _keys() -> list[CallerAction]:
    """The recorded caller's account, keyed; then the same option."""
    account = next(one for one in ACCOUNTS if one.license_number == ACCOUNT)
    assert account.pin is not None
    return [CallerAction(keys=keys) for keys in (account.license_number, account.pin, *["1"] * 9)]
