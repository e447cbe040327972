"""One of several processes that answer calls, on connections that its supervisor accepted.

A connection arrives as a file descriptor beside one byte (``socket.send_fds``); TLS and HTTP begin
here. Reports to the supervisor go back over a second socket (``bot.serving.reports``).
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from bot.records import CallRecord
from bot.serving.exchange import Exchange
from bot.serving.next_steps import Next
from bot.serving.reports import REPORT, CallBegins, CallIsKept, Load, Ready, Report, StepIs
from bot.serving.server import Server, run


class Reporter:
    """Reports to the supervisor; implements bot.service.Ledger. Never waits."""

    def __init__(self, telling: asyncio.StreamWriter) -> None:
        self._telling = telling

    def step_is(self, pbx_id: str | None, step: Next, call_id: str) -> None:
        """Report that the bot ends this call, and what is next."""
        self.tell(StepIs(pbx_id, step, call_id))

    def begin(self, record: CallRecord) -> None:
        """Report that a call begins."""
        self.tell(CallBegins(record))

    def end(self, call_id: str) -> None:
        """Report that its record is kept."""
        self.tell(CallIsKept(call_id))

    def tell(self, report: Report) -> None:
        """Send one report; nothing happens if the supervisor is gone."""
        self._telling.write(REPORT.dump_json(report) + b"\n")


class HandedConnections:
    """Takes connections from the supervisor, and has uvicorn serve them."""

    def __init__(
        self, server: Server, exchange: Exchange, handing: socket.socket, reporter: Reporter
    ) -> None:
        self._server = server
        self._exchange = exchange
        self._handing = handing
        self._reporter = reporter
        self._taken = 0
        self._beginning: set[asyncio.Task[None]] = set()
        handing.setblocking(False)

    async def serve(self, drain_s: float) -> None:
        """Serve until a signal, as in ``bot.serving.server.run``."""
        self._exchange.changed = self._tell_load
        taking = asyncio.create_task(self._take_when_started())
        try:
            await run(self._server, self._exchange, None, drain_s)
        finally:
            taking.cancel()
            asyncio.get_running_loop().remove_reader(self._handing)

    async def _take_when_started(self) -> None:
        await self._server.up.wait()
        asyncio.get_running_loop().add_reader(self._handing, self._take)
        self._reporter.tell(Ready())

    def _take(self) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._handing, 1, 1)
        except BlockingIOError:
            return
        if not data:
            asyncio.get_running_loop().remove_reader(self._handing)
        for descriptor in descriptors:
            self._taken += 1
            task = asyncio.create_task(self._begin(socket.socket(fileno=descriptor)))
            self._beginning.add(task)
            task.add_done_callback(self._beginning.discard)
        self._tell_load()

    async def _begin(self, connection: socket.socket) -> None:
        """Ignore a peer that is gone, or does not speak TLS where it must."""
        connection.setblocking(False)
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            await loop.connect_accepted_socket(
                self._server.protocol, connection, ssl=self._server.config.ssl
            )

    def _tell_load(self) -> None:
        self._reporter.tell(Load(self._exchange.there, self._taken))
