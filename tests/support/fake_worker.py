"""A worker in a process of its own whose engines and backend are fakes: it starts in a second."""

from __future__ import annotations

import asyncio
import socket
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from bot import lifeline
from bot.calls import call_log
from bot.clock import RealTimer
from bot.serving.server import server_of
from bot.serving.worker import HandedConnections, Reporter
from bot.settings import Serve
from tests.support.telephone import Office


def start(handing: socket.socket, telling: socket.socket) -> BaseProcess:
    """Start one, for ``Supervisor``."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])  # all read the grammars once
    process = context.Process(target=_worker, args=(handing, telling), daemon=True)
    process.start()
    return process


def _worker(handing: socket.socket, telling: socket.socket) -> None:
    lifeline.end_with_pool()
    call_log.configure_silent()
    asyncio.run(_work(handing, telling))


async def _work(handing: socket.socket, telling: socket.socket) -> None:
    _, writer = await asyncio.open_connection(sock=telling)
    reporter = Reporter(writer)
    office = Office(timer=RealTimer(), ended=reporter.step_is)
    office.calls.ledger = reporter
    # A busy machine refuses nobody here.
    office.calls.lags_ms = list  # type: ignore[method-assign]
    server = server_of(office.app, Serve())
    await HandedConnections(server, office.exchange, handing, reporter).serve(drain_s=1)
