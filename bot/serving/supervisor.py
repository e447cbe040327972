"""Several processes behind one port: each connection goes to the worker with the fewest calls.

The system's own ways to share a port fill workers unevenly (uvicorn issue 2472; of 100 connections
SO_REUSEPORT gives one of two workers 40 and the other 60). So one process accepts, and hands each
socket over. It loads no model and hears no call; it remembers what is next after each call, and
what to keep of a call whose worker dies. It restarts such a worker.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess

from bot.calls.call_log import log_fault
from bot.calls.spool import Spool
from bot.errors import IvrError
from bot.records import CallRecord
from bot.serving.next_steps import NextSteps
from bot.serving.reports import REPORT, CallBegins, CallIsKept, Load, Ready, StepIs

DIED = "error.worker"
AGAIN_S, LONGEST_AGAIN_S = 0.5, 30.0
"""Shortest and longest delay before a dead worker is restarted."""
HEALTHY_S = 60.0
"""A worker that lived this long is restarted at once."""
FULL_S = 0.1
"""Pause in accepting when the process has no file descriptor left."""
LONGEST_LINE = 1 << 16

Start = Callable[[socket.socket, socket.socket], BaseProcess]
"""Starts a process, given its ends of the connection socket and the report socket."""

Gone = Callable[[BaseProcess], None]
"""Called when a process has ended."""


class WorkerError(IvrError):
    """The first worker could not start, and has reported why."""

    code = "error.worker"


class Worker:
    """One process, as the supervisor sees it."""

    def __init__(self, start: Start) -> None:
        self._handing, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._reports, telling = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs, telling:
            self.process = start(theirs, telling)
        self._handing.setblocking(False)
        self.ready = asyncio.Event()
        self.under_way: dict[str, CallRecord] = {}
        self._load = Load(0, 0)
        self._handed = 0

    @property
    def busy(self) -> tuple[int, int]:
        """Key for choosing a worker: calls in progress, with connections on the way; then all
        connections so far, so that equals take turns.
        """
        return self._load.calls + self._handed - self._load.taken, self._handed

    def take(self, connection: socket.socket) -> bool:
        """Hand over a connection; return False if the worker takes none now."""
        try:
            socket.send_fds(self._handing, [b"c"], [connection.fileno()])
        except OSError:
            return False
        self._handed += 1
        return True

    async def listen(self, steps: NextSteps) -> None:
        """Read its reports until it is gone."""
        reader, writer = await asyncio.open_connection(sock=self._reports, limit=LONGEST_LINE)
        try:
            with suppress(ConnectionError):
                async for line in reader:
                    self._note(line, steps)
        finally:
            writer.close()
            self._handing.close()

    def _note(self, line: bytes, steps: NextSteps) -> None:
        match REPORT.validate_json(line):
            case Ready():
                self.ready.set()
            case Load() as load:
                self._load = load
            case StepIs(pbx_id, step, call_id):
                steps.end(pbx_id, step, call_id)
            case CallBegins(record):
                self.under_way[record.call_id] = record
            case CallIsKept(call_id):
                self.under_way.pop(call_id, None)


class Supervisor:
    """Starts workers, hands them connections, and restarts those that die."""

    def __init__(
        self,
        start: Start,
        count: int,
        steps: NextSteps,
        spool: Spool | None,
        gone: Gone = lambda process: None,
    ) -> None:
        """``spool`` keeps what is known about the calls of a worker that died."""
        self._start = start
        self._gone = gone
        self._count = count
        self._steps = steps
        self._spool = spool
        self._workers: list[Worker] = []
        self._slots: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    async def begin(self) -> None:
        """Start all; return once the first takes calls, which synthesizes the sentences that the
        others reuse. Raises WorkerError.
        """
        first = self._another()
        self._slots.append(asyncio.create_task(self._keep(first)))
        ready = asyncio.create_task(first.ready.wait())
        await asyncio.wait({ready, *self._slots}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            raise WorkerError("a worker could not start")
        others = [self._another() for _ in range(1, self._count)]
        self._slots += [asyncio.create_task(self._keep(worker)) for worker in others]

    async def accept(self, listening: socket.socket) -> None:
        """Hand over connections until canceled."""
        loop = asyncio.get_running_loop()
        listening.setblocking(False)
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(FULL_S)
                continue
            with connection:
                self.hand(connection)

    def hand(self, connection: socket.socket) -> None:
        """Hand it to the worker with the fewest calls; if none takes it, the peer finds it
        closed.
        """
        ready = [worker for worker in self._workers if worker.ready.is_set()]
        any(worker.take(connection) for worker in sorted(ready, key=lambda one: one.busy))

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the living workers."""
        return tuple(worker.process.pid or 0 for worker in self._workers)

    @property
    def ready(self) -> int:
        """Number of workers that take calls."""
        return sum(worker.ready.is_set() for worker in self._workers)

    def stop(self) -> None:
        """The first time, let calls in progress end by themselves; the second time, cancel them."""
        self._stopping.set()
        for worker in self._workers:
            if worker.process.is_alive():
                worker.process.terminate()

    async def ended(self) -> None:
        """Return when all workers have ended, which they do after ``stop``."""
        await asyncio.gather(*self._slots)

    def _another(self) -> Worker:
        worker = Worker(self._start)
        self._workers.append(worker)
        return worker

    async def _keep(self, worker: Worker) -> None:
        """Run this worker and its replacements. Ends with the service, or with a worker that was
        never ready when there is no other.
        """
        loop = asyncio.get_running_loop()
        again_s = AGAIN_S
        while True:
            began_s = loop.time()
            await worker.listen(self._steps)
            await asyncio.to_thread(worker.process.join)
            self._workers.remove(worker)
            self._keep_records(worker)
            self._gone(worker.process)
            lives = any(one.ready.is_set() for one in (worker, *self._workers))
            if self._stopping.is_set() or not lives:
                return
            log_fault("", DIED, f"exit code {worker.process.exitcode}")
            healthy = loop.time() - began_s > HEALTHY_S
            again_s = 0.0 if healthy else min(2 * again_s + AGAIN_S, LONGEST_AGAIN_S)
            if await self._stops_within(again_s):
                return
            worker = self._another()

    async def _stops_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()

    def _keep_records(self, worker: Worker) -> None:
        for record in worker.under_way.values():
            if self._spool is not None:
                self._spool.keep(record)


async def supervise(supervisor: Supervisor, listening: socket.socket) -> None:
    """Accept until a signal, then until all workers have ended; tell them to take no more calls."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, supervisor.stop)
    accepting = asyncio.create_task(supervisor.accept(listening))
    try:
        await supervisor.ended()
    finally:
        accepting.cancel()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
