"""Measures how many calls the telephone line carries: Asterisk's strict double against ``serve``.

Callers in a process of their own speak license number, PIN, and "one" at each menu, in real time,
as in ``benchmarks.load.capacity``. The reply time is taken at the caller's end: from the last loud
sample that was sent to the first reply audio that Asterisk plays. A call has three replies a
minute; ``benchmarks.load.reply_times`` says where their time goes. Calls are added until its p95
passes 500 ms. Then the service is started with that limit, and twice as many call. Each row also
shows how much of the processor other work used meanwhile.

    python -m benchmarks.load.lines --steps 1,10,20,40 --workers 2 --rate 8000
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.audio.files import read_audio, resample, to_pcm
from bot.lifeline import end_with_pool
from bot.lines.simulated_caller import CallerAction
from bot.resources import RECORDINGS
from bot.temporary_folders import scratch_folder
from tests.support.measured_call import Wait, call

SAYS = ("license_b.flac", "pin_b.flac", *["one.flac"] * 9)
SECONDS, SPREAD_S = 60, 20
LIMIT_MS = 500
LIFTED = {
    f"ELMS_SERVER_LIMITS__{name}": "1000000"
    for name in ("PINS_PER_ACCOUNT", "PINS_PER_CALLER", "PINS_WITHHELD", "PINS_OVERALL")
} | {"ELMS_SERVER_LIMITS__REQUESTS_PER_MINUTE": "1000000"}


SETTLING_S = 5
"""Time that the synthesis processes take for fixed prompts after their start."""

STARTING_S = 120


def _await_processes(service: Service, count: int) -> None:
    """Wait for worker and synthesis processes. Raises RuntimeError if they do not start."""
    until = time.monotonic() + STARTING_S
    while len(service.processes()) < count:
        if time.monotonic() > until:
            raise RuntimeError(f"fewer than {count} processes after {STARTING_S} s")
        time.sleep(0.5)


@dataclass(frozen=True, slots=True)
class Heard:
    """The experience of one process's callers."""

    replies_ms: tuple[float, ...]
    refused: int


def callers(uri: str, delays_s: Sequence[float], rate: int) -> Heard:
    """Run one caller for each delay, all at once."""
    return asyncio.run(_calls(uri, delays_s, rate))


async def _calls(uri: str, delays_s: Sequence[float], rate: int) -> Heard:
    said = [read_audio(RECORDINGS / name).samples for name in SAYS]
    actions = [CallerAction(pcm=to_pcm(resample(one, 8_000, rate))) for one in said]
    calls = [
        _delayed(delay_s, call(uri, actions, rate, number=number, longest_ms=SECONDS * 1000))
        for number, delay_s in enumerate(delays_s)
    ]
    found = await asyncio.gather(*calls)
    replies = tuple(wait.ms for waits in found if waits is not None for wait in waits)
    return Heard(replies, found.count(None))


async def _delayed(delay_s: float, waits: Awaitable[list[Wait] | None]) -> list[Wait] | None:
    await asyncio.sleep(delay_s)
    return await waits


class Service:
    """``elms-ivr serve --demo``, and the CPU time and memory it uses."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.uri = f"ws://127.0.0.1:{port}/media"
        self._process = psutil.Process(process.pid)

    def processes(self) -> list[psutil.Process]:
        """List the supervisor, worker and speech synthesis processes, without the backend."""
        found = [self._process]
        for child in self._process.children():
            if "server" not in child.cmdline():
                found += [child, *child.children(recursive=True)]
        return found

    def cpu_s(self) -> float:
        """Return the CPU time used so far, in seconds."""
        times = [process.cpu_times() for process in self.processes()]
        return sum(one.user + one.system for one in times)

    def megabytes(self) -> float:
        """Return the processes' proportional set size."""
        return sum(one.memory_full_info().pss for one in self.processes()) / (1 << 20)


@contextmanager
def served(workers: int, calls: int, rate: int) -> Iterator[Service]:
    """Run the service until the context is left."""
    environment = {
        **os.environ,
        **LIFTED,
        "ELMS_IVR_SERVE__AGI_PORT": "0",
        "ELMS_IVR_SERVE__CALLS": str(calls),
        "ELMS_IVR_SERVE__WORKERS": str(workers),
        "ELMS_IVR_SERVE__DRAIN_S": "1",
        "ELMS_IVR_SERVE__WARM_RATES": f"[{rate}]",
    }
    with (
        scratch_folder("lines") as folder,
        subprocess.Popen(
            [sys.executable, "-m", "bot", "serve", "--demo", "--port", "0"],
            env=environment | {"ELMS_IVR_OUT": str(folder)},
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        port = re.search(r":(\d+)/media", process.stdout.readline())
        if port is None:
            raise RuntimeError("the service did not start")
        try:
            service = Service(process, int(port[1]))
            _await_processes(service, 1 + 2 * workers if workers > 1 else 2)
            time.sleep(SETTLING_S)
            yield service
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(90)


@dataclass(frozen=True, slots=True)
class Row:
    """Results under one load. Cores are means over its duration."""

    calls: int
    heard: Heard
    cores: float
    megabytes: float
    others: float
    """Cores used by other work on the machine."""

    @property
    def p95_ms(self) -> float:
        """Return the 95th percentile; infinite if fewer than two replies came."""
        if len(self.heard.replies_ms) < 2:
            return float("inf")
        return statistics.quantiles(self.heard.replies_ms, n=20, method="inclusive")[18]

    def text(self) -> str:
        """Describe the row in words."""
        replies = self.heard.replies_ms
        middle = statistics.median(replies) if replies else float("inf")
        answered = self.calls - self.heard.refused
        return (
            f"{self.calls} calls, {self.heard.refused} refused: reply p50 {middle:.0f}, "
            f"p95 {self.p95_ms:.0f} ms ({len(replies)} replies), "
            f"{self.cores / max(1, answered):.4f} cores a call, {self.megabytes:.0f} MB in all, "
            f"other work {self.others:.2f} cores"
        )


def measured(service: Service, calls: int, rate: int) -> Row:
    """Measure so many callers over SECONDS, after the time in which they begin."""
    delays = [number / calls * SPREAD_S for number in range(calls)]
    with ProcessPoolExecutor(1, get_context("spawn"), end_with_pool) as pool:
        pool.submit(os.getpid).result()
        double = psutil.Process(next(iter(pool._processes)))
        before = (service.cpu_s(), _busy_s(), _cpu_s(double), time.monotonic())
        heard = pool.submit(callers, service.uri, delays, rate).result()
        after = (service.cpu_s(), _busy_s(), _cpu_s(double), time.monotonic())
    ours, busy, theirs, took_s = (
        later - sooner for later, sooner in zip(after, before, strict=True)
    )
    others = max(0.0, busy - ours - theirs) / took_s
    return Row(calls, heard, ours / SECONDS, service.megabytes(), others)


def _busy_s() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main(
    steps: Annotated[
        str, typer.Option(help="Calls at once, separated by commas.")
    ] = "10,20,40,60,80,100",
    workers: Annotated[int, typer.Option(help="Processes that answer.")] = os.cpu_count() or 1,
    rate: Annotated[int, typer.Option(help="8000 or 16000 Hz.")] = 8_000,
    twice: Annotated[bool, typer.Option(help="Place twice as many calls at the limit.")] = True,
) -> None:
    """Measure, and print each row as it ends."""
    console, carried = Console(), 0
    loads = [int(step) for step in steps.split(",")]
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console.print(f"{workers} workers, {rate} Hz, {os.cpu_count()} cores, {time.strftime('%F')}")
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("calls", total=len(loads) + int(twice))
        with served(workers, 1_000, rate) as service:
            for calls in loads:
                bar.update(task, description=f"{calls} calls")
                row = measured(service, calls, rate)
                console.print(row.text())
                bar.advance(task)
                if row.p95_ms > LIMIT_MS:
                    break
                carried = calls
        console.print(f"{carried} calls before p95 passes {LIMIT_MS} ms")
        if twice and carried:
            bar.update(task, description=f"limit {carried}, {2 * carried} calls")
            with served(workers, carried, rate) as service:
                console.print(f"limit {carried}: {measured(service, 2 * carried, rate).text()}")
            bar.advance(task)


if __name__ == "__main__":
    typer.run(main)
