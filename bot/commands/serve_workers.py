"""`elms-ivr serve` with several processes: what each worker does, and what stands before them."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path

from fastapi import WebSocket

from bot import lifeline
from bot.adapters.line_websocket import WebSocketLine, begin
from bot.bootstrap import Words, call_service
from bot.calls import call_log
from bot.calls.spool import Spool
from bot.clock import RealTimer, at
from bot.errors import IvrError
from bot.serving import metrics
from bot.serving.agi import AgiServer
from bot.serving.app import create_app
from bot.serving.exchange import Exchange
from bot.serving.next_steps import NextSteps
from bot.serving.server import listen, server_of
from bot.serving.supervisor import Supervisor, supervise
from bot.serving.worker import HandedConnections, Reporter
from bot.settings import BackendClient, Serve, Settings
from bot.temporary_folders import scratch_folder


@dataclass(frozen=True, slots=True)
class Work:
    """The arguments of each worker."""

    settings: Settings
    section: Serve
    """Settings of the service; ``calls`` are those of one worker."""
    words: Words
    """Compiled once for all workers, and for those that replace them."""
    client: BackendClient | None
    """The invented backend of a demonstration."""
    moment: str | None
    log: Path | None
    level: str | None


def work_of(settings: Settings, section: Serve, **more: object) -> Work:
    """One worker's share: with one thread for recognizers, two workers carried 40 calls with a p95
    of 478 ms, and with four 1,506."""
    share = -(-section.calls // (section.workers or 1))
    alone = settings.model_copy(
        update={
            "recognition_threads": 1,
            "speech": settings.speech.model_copy(update={"workers": 1}),
        }
    )
    return Work(alone, section.model_copy(update={"calls": share}), **more)  # type: ignore[arg-type]


def worker(work: Work, handing: socket.socket, telling: socket.socket) -> None:
    """A worker's process, to its end. Ctrl-C reaches it by way of the supervisor."""
    lifeline.end_with_pool()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        call_log.configure_to(work.log, work.level)
        asyncio.run(_work(work, handing, telling))
    except IvrError as fault:
        print(f"elms-ivr: {fault}", file=sys.stderr)
        sys.exit(1)


async def _work(work: Work, handing: socket.socket, telling: socket.socket) -> None:
    _, writer = await asyncio.open_connection(sock=telling)
    reporter, timer = Reporter(writer), RealTimer()
    now = at(work.moment or ("now" if work.client is None else None))
    async with call_service(
        work.settings,
        words=work.words,
        backend=work.client,
        warm_rates=work.section.warm_rates,
        now=now,
    ) as calls:
        calls.ledger = reporter
        exchange = Exchange(calls, work.section.calls, timer)

        async def line_of(connection: WebSocket) -> WebSocketLine | None:
            return await begin(connection, timer, reporter.step_is)

        server = server_of(create_app(exchange, line_of, work.section), work.section)
        await HandedConnections(server, exchange, handing, reporter).serve(work.section.drain_s)


def start(work: Work, handing: socket.socket, telling: socket.socket) -> SpawnProcess:
    """Start a worker."""
    process = get_context("spawn").Process(
        target=worker, args=(work, handing, telling), name="worker", daemon=True
    )
    process.start()
    return process


async def supervised(work: Work, section: Serve) -> None:
    """Serve with ``section.workers`` processes until a signal. Raises IvrError."""
    spool = Spool(work.settings.out / "undelivered") if work.client is None else None
    listening = listen(section.host, section.port)
    steps = NextSteps()
    with scratch_folder("metrics") as folder:
        os.environ[metrics.FOLDER] = str(folder)
        count = section.workers or 1
        supervisor = Supervisor(partial(start, work), count, steps, spool, _forget)
        credential = section.credential.get_secret_value()
        agi = await AgiServer(steps, credential).start(section.agi_host, section.agi_port)
        async with agi:
            await supervisor.begin()
            announce(section, listening, agi)
            await supervise(supervisor, listening)


def _forget(process: object) -> None:
    if isinstance(process, SpawnProcess) and process.pid is not None:
        metrics.forget(process.pid)


def announce(section: Serve, listening: socket.socket, agi: asyncio.Server) -> None:
    """The addresses, in one line."""
    scheme = "wss" if section.tls_certificate else "ws"
    host, port = listening.getsockname()[:2]
    agi_port = agi.sockets[0].getsockname()[1]
    print(
        f"taking calls at {scheme}://{host}:{port}/media, "
        f"what is next at agi://{section.agi_host}:{agi_port}/next",
        flush=True,
    )
