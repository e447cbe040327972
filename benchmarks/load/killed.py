"""kill -9 of a worker of ``elms-ivr serve`` with many calls: when its callers get to a person.

Twice as many idle callers as one worker is to have wait at two workers; then one worker is killed.
For each of its callers the clock runs until the connection has ended and FastAGI has said
``failed``, on which the dialplan calls a person. Then the records are counted.

    python -m benchmarks.load.killed --calls 20
"""

# ruff: noqa: ASYNC110  what is awaited is other processes' doing

from __future__ import annotations

import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psutil
import typer
import websockets
from rich.console import Console
from websockets.asyncio.client import connect

from bot.demo_backend import DemoBackend
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.temporary_folders import scratch_folder
from tests.bot.serving.test_agi import Dialplan
from tests.support.asterisk import Channel
from tests.support.asterisk_call import AsteriskCall, caller_variables
from tests.support.websocket_peer import Socket

RATE = 8_000
LISTENS = (CallerAction(wait_ms=600_000),)
EVERY_S = 0.25
"""Between callers."""
TOLD_S, STOPPING_S = 30, 30
"""How long callers may take to be told, and the service to stop."""


@dataclass(frozen=True, slots=True)
class Service:
    """``elms-ivr serve`` with two workers."""

    process: psutil.Process
    port: int
    agi_port: int
    undelivered: Path

    def held(self) -> dict[int, int]:
        """Calls by worker."""
        found = {}
        for child in self.process.children():
            if "spawn_main" in " ".join(child.cmdline()):
                found[child.pid] = sum(
                    one.status == psutil.CONN_ESTABLISHED and one.laddr.port == self.port
                    for one in child.net_connections("tcp")
                )
        return found


@contextmanager
def served() -> Iterator[Service]:
    """The service with a backend of its own, until the context is left."""
    with DemoBackend() as backend, scratch_folder("killed") as folder:
        client = backend.start()
        environment = {
            **os.environ,
            "ELMS_IVR_BACKEND__URL": client.url,
            "ELMS_IVR_BACKEND__CREDENTIAL": client.credential.get_secret_value(),
            "ELMS_IVR_SERVE__AGI_PORT": "0",
            "ELMS_IVR_SERVE__CALLS": "1000",
            "ELMS_IVR_OUT": str(folder),
        }
        command = [sys.executable, "-m", "bot", "serve", "--port", "0", "--workers", "2"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            ports = re.findall(r":(\d+)/", process.stdout.readline())
            service = Service(
                psutil.Process(process.pid), int(ports[0]), int(ports[1]), folder / "undelivered"
            )
            try:
                yield service
            finally:
                children = service.process.children(recursive=True)
                for _ in range(2):  # the second time, calls under way are canceled
                    process.send_signal(signal.SIGTERM)
                    time.sleep(1)
                _stopped(process, children)


def _stopped(process: subprocess.Popen[str], children: list[psutil.Process]) -> None:
    """Wait for the service; what does not stop by itself is killed."""
    try:
        process.wait(STOPPING_S)
    except subprocess.TimeoutExpired:
        for one in (psutil.Process(process.pid), *children):
            with suppress(psutil.NoSuchProcess):
                one.kill()


async def talked(service: Service, pbx_id: str) -> bool:
    """One call to its end; False where it was refused."""
    protocols = [websockets.Subprotocol("media")]
    uri = f"ws://127.0.0.1:{service.port}/media"
    try:
        async with connect(uri, subprotocols=protocols, compression=None) as connection:
            channel = Channel(variables=caller_variables(call=pbx_id))
            await AsteriskCall(Socket(connection), SimulatedCaller(LISTENS, RATE), channel).talk()
    except websockets.InvalidStatus:
        return False
    return True


async def caller(service: Service, number: int) -> tuple[str, float]:
    """One call to its end; what is next then, and when that was known, s. Who is refused, as the
    machine is busy, calls again."""
    pbx_id = f"1795993468.{number}"
    while not await talked(service, pbx_id):
        await asyncio.sleep(2)
    variables = {"ELMS_ID": pbx_id}
    await Dialplan(variables).ask(service.agi_port)
    return variables["NEXT"], time.monotonic()


async def measured(service: Service, calls: int, longest_s: float) -> str:
    """The figures, in words; of fewer calls where the machine is too busy to have more answered
    within ``longest_s``, and of those that were told within TOLD_S."""
    async with asyncio.timeout(longest_s):
        while len(service.held()) < 2:
            await asyncio.sleep(1)
    waiting: list[asyncio.Task[tuple[str, float]]] = []
    until_s = time.monotonic() + longest_s
    for number in range(2 * calls):
        waiting.append(asyncio.create_task(caller(service, number)))
        await asyncio.sleep(EVERY_S)
    while min(service.held().values()) < calls and time.monotonic() < until_s:
        await asyncio.sleep(1)
    held = service.held()
    killed = max(held, key=held.__getitem__)
    lost, began_s = held[killed], time.monotonic()
    os.kill(killed, signal.SIGKILL)
    while sum(one.done() for one in waiting) < lost and time.monotonic() < began_s + TOLD_S:
        await asyncio.sleep(0.05)
    told = [one.result() for one in waiting if one.done() and not one.exception()]
    records = len(list(service.undelivered.glob("*.json")))
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    took_s = [at_s - began_s for _, at_s in told] or [float("inf")]
    failed = sum(step == "failed" for step, _ in told)
    return (
        f"{lost} callers of the killed worker, {failed} told to be at a person after "
        f"{statistics.median(took_s):.2f} s, the last after {max(took_s):.2f} s, "
        f"{lost - len(told)} not within {TOLD_S} s; {records} records "
        f"wait for the backend; {sum(held.values()) - lost} other calls went on; "
        f"load {os.getloadavg()[0]:.1f}"
    )


def main(
    calls: Annotated[int, typer.Option(help="Calls of the killed worker.")] = 20,
    longest_s: Annotated[float, typer.Option(help="Longest wait for that many, in seconds.")] = 120,
) -> None:
    """Measure once, and print it."""
    with served() as service:
        Console().print(asyncio.run(measured(service, calls, longest_s)))


if __name__ == "__main__":
    typer.run(main)
