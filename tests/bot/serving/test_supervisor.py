"""Workers behind one port, in one process: who gets a connection, and what follows a death."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event
from typing import cast

import pytest

from bot.calls.spool import Spool
from bot.records import CALL, CallRecord
from bot.service import KILLED
from bot.serving.next_steps import NextStep, NextSteps
from bot.serving.reports import REPORT, CallBegins, CallIsKept, Load, Ready, Report, StepIs
from bot.serving.supervisor import Supervisor, WorkerError
from tests.support.patience import PATIENCE_S

pytestmark = [pytest.mark.call, pytest.mark.timeout(60)]


class FakeWorker:
    """A worker's side of both sockets, as a process would have them."""

    def __init__(self, handing: socket.socket, telling: socket.socket) -> None:
        self._handing, self._telling = handing.dup(), telling.dup()
        self._handing.setblocking(False)
        self._ended = Event()
        self.connections: list[socket.socket] = []
        self.terminated = False
        self.exitcode = -9
        self.pid = 1

    def tell(self, *reports: Report) -> None:
        for report in reports:
            self._telling.sendall(REPORT.dump_json(report) + b"\n")

    def takes(self) -> int:
        """Take what was handed over; how much there is in all."""
        while True:
            try:
                _, descriptors, _, _ = socket.recv_fds(self._handing, 1, 1)
            except BlockingIOError:
                return len(self.connections)
            self.connections += [socket.socket(fileno=one) for one in descriptors]

    def dies(self) -> None:
        for one in (self._handing, self._telling, *self.connections):
            one.close()
        self._ended.set()

    def join(self) -> None:
        self._ended.wait()

    def is_alive(self) -> bool:
        return not self._ended.is_set()

    def terminate(self) -> None:
        self.terminated = True
        self.dies()


class Floor:
    """A supervisor with its workers, of which each is ready at once unless ``ready`` is False."""

    def __init__(self, count: int, spool: Spool | None = None, *, ready: bool = True) -> None:
        self.workers: list[FakeWorker] = []
        self.steps = NextSteps()
        self._ready = ready
        self.supervisor = Supervisor(self._start, count, self.steps, spool)

    def _start(self, handing: socket.socket, telling: socket.socket) -> BaseProcess:
        worker = FakeWorker(handing, telling)
        self.workers.append(worker)
        if self._ready:
            worker.tell(Ready())
        return cast("BaseProcess", worker)

    async def settles(self, until: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not until():  # noqa: ASYNC110  what is awaited is another thread's
                await asyncio.sleep(0.01)

    def comes(self) -> socket.socket:
        """A connection; the peer's end."""
        ours, peers = socket.socketpair()
        with ours:
            self.supervisor.hand(ours)
        return peers


def on(floor: Floor, story: Callable[[Floor], Awaitable[None]]) -> None:
    async def run() -> None:
        await floor.supervisor.begin()
        await floor.settles(lambda: len(floor.workers) >= 2)
        await asyncio.sleep(0.05)
        await story(floor)
        floor.supervisor.stop()
        await floor.supervisor.ended()

    asyncio.run(run())


def record(call_id: str) -> CallRecord:
    return CallRecord(call_id, "2026-11-30T15:00:00+00:00", "telephone", 0, KILLED, ())


def test_a_connection_goes_to_the_worker_with_the_fewest_calls() -> None:
    async def story(floor: Floor) -> None:
        busy, idle = floor.workers
        busy.tell(Load(calls=3, taken=0))
        idle.tell(Load(calls=1, taken=0))
        await asyncio.sleep(0.05)
        for _ in range(2):
            floor.comes()
        assert (busy.takes(), idle.takes()) == (0, 2)
        floor.comes()
        floor.comes()
        assert sorted((busy.takes(), idle.takes())) == [1, 3], "those on the way count"

    on(Floor(2), story)


def test_workers_with_equally_many_calls_take_turns() -> None:
    async def story(floor: Floor) -> None:
        for _ in range(10):
            floor.comes()
            for worker in floor.workers:
                worker.tell(Load(calls=0, taken=worker.takes()))
            await asyncio.sleep(0.01)
        assert [worker.takes() for worker in floor.workers] == [5, 5]

    on(Floor(2), story)


def test_a_dead_worker_loses_only_its_own_calls_and_is_restarted(tmp_path: Path) -> None:
    async def story(floor: Floor) -> None:
        dying, other = floor.workers
        dying.tell(CallBegins(record("lost")), CallBegins(record("over")), CallIsKept("over"))
        dying.tell(StepIs("179.1", "representative", "over"))
        other.tell(CallBegins(record("other")), StepIs("179.2", "hangup"))
        await asyncio.sleep(0.05)
        dying.dies()
        await floor.settles(lambda: len(floor.workers) == 3)
        assert floor.steps.after("179.1") == NextStep("representative", "over")
        assert floor.steps.after("179.2").step == "hangup"
        assert floor.steps.after("179.3").step == "failed", "a call that nobody ended"
        await floor.settles(lambda: len(floor.supervisor.pids) == 2)
        await asyncio.sleep(0.05)
        for _ in range(4):
            floor.comes()
        assert (other.takes(), floor.workers[2].takes()) == (2, 2)
        other.tell(CallIsKept("other"))

    on(Floor(2, Spool(tmp_path)), story)
    kept = [CALL.validate_json(path.read_bytes()) for path in tmp_path.glob("*.json")]
    assert kept == [record("lost")]


def test_a_connection_that_no_worker_takes_is_closed() -> None:
    async def story(floor: Floor) -> None:
        for worker in floor.workers[:2]:
            worker.dies()
        with floor.comes() as peer:
            peer.settimeout(PATIENCE_S)
            assert peer.recv(1) == b""

    on(Floor(2), story)


def test_a_stopping_service_restarts_no_worker() -> None:
    floor = Floor(2)

    async def story(floor: Floor) -> None:
        floor.supervisor.stop()
        await floor.supervisor.ended()

    on(floor, story)
    assert [worker.terminated for worker in floor.workers] == [True, True]


def test_a_service_that_is_stopped_between_a_death_and_the_next_start_ends() -> None:
    """The worker that is due must not be started by then: nobody would end it."""
    floor = Floor(2)

    async def story(floor: Floor) -> None:
        floor.workers[0].dies()
        await floor.settles(lambda: len(floor.supervisor.pids) == 1)
        floor.supervisor.stop()
        async with asyncio.timeout(PATIENCE_S):
            await floor.supervisor.ended()

    on(floor, story)
    assert len(floor.workers) == 2


def test_a_first_worker_that_cannot_start_ends_the_service() -> None:
    floor = Floor(2, ready=False)

    async def begin() -> None:
        beginning = asyncio.create_task(floor.supervisor.begin())
        await asyncio.sleep(0.05)
        floor.workers[0].dies()
        await beginning

    with pytest.raises(WorkerError):
        asyncio.run(begin())
    assert len(floor.workers) == 1
