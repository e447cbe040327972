"""Speech engines in worker processes, with time-outs, kills, restarts, and one retry.

A pool belongs to one event loop. It ends only processes that it started itself, by their handles.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from typing import Any

from bot.errors import SynthesisError
from bot.synthesis.engine_spec import EngineSpec

START_TIMEOUT_S = 20.0
"""Time to import an engine and load its weights on a busy machine."""

_WATCHDOG = 4
"""Number of time-outs after which a hanging process is ended by its own alarm."""

_LONGEST_LINE = 1 << 16


class WorkerPool:
    """A fixed number of workers, each started when first needed."""

    def __init__(self, spec: EngineSpec, workers: int, timeout_ms: int) -> None:
        self._workers = [_Worker(spec, timeout_ms / 1000) for _ in range(workers)]
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        for worker in reversed(self._workers):
            self._idle.put_nowait(worker)

    async def start(self) -> None:
        """Start all workers now. Raises SynthesisError if the engine cannot be created."""
        starting = (worker.start() for worker in self._workers)
        for fault in await asyncio.gather(*starting, return_exceptions=True):
            if fault is not None:
                raise fault

    async def render(self, text: str, rate: int, rate_percent: int) -> bytes:
        """16-bit mono PCM at ``rate`` Hz. Raises SynthesisError after one retry."""
        try:
            return await self._once(text, rate, rate_percent)
        except SynthesisError:
            return await self._once(text, rate, rate_percent)

    async def _once(self, text: str, rate: int, rate_percent: int) -> bytes:
        worker = await self._idle.get()
        try:
            return await worker.render(text, rate, rate_percent)
        finally:
            self._idle.put_nowait(worker)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process IDs of the running workers."""
        return tuple(worker.pid for worker in self._workers if worker.pid is not None)

    async def close(self) -> None:
        """End all workers and release everything in the event loop."""
        await asyncio.gather(*(worker.kill() for worker in self._workers))


class _Worker:
    """One process; after any fault it is killed, and a new one is started for the next request.

    Starting and ending are the worker's own tasks, which finish even if the code that waits for
    them is canceled.
    """

    def __init__(self, spec: EngineSpec, timeout_s: float) -> None:
        self._spec = spec
        self._timeout_s = timeout_s
        self._process: asyncio.Task[Process] | None = None
        self._ending: asyncio.Task[int | None] | None = None

    @property
    def pid(self) -> int | None:
        task = self._process
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result().pid if task.result().returncode is None else None

    async def start(self) -> None:
        async with self._fault_ends_it(START_TIMEOUT_S):
            await self._running()

    async def render(self, text: str, rate: int, rate_percent: int) -> bytes:
        async with self._fault_ends_it(START_TIMEOUT_S):
            process = await self._running()
        async with self._fault_ends_it(self._timeout_s):
            request = {"text": text, "rate": rate, "rate_percent": rate_percent}
            return await _ask(process, request)

    @contextlib.asynccontextmanager
    async def _fault_ends_it(self, timeout_s: float) -> AsyncIterator[None]:
        """End the worker after any fault, as it may be out of sync."""
        try:
            async with asyncio.timeout(timeout_s):
                yield
        except TimeoutError:
            await self.kill()
            raise SynthesisError(f"the speech engine hung for {timeout_s:g} s") from None
        except (OSError, EOFError, ValueError):
            raise _died(await self.kill()) from None
        except BaseException:
            await self.kill()
            raise

    async def _running(self) -> Process:
        if self._process is not None:
            process = await asyncio.shield(self._process)
            if process.returncode is None:
                return process
            await self.kill()
        elif self._ending is not None:
            await asyncio.shield(self._ending)
        self._process = asyncio.create_task(_start(self._spec, self._timeout_s * _WATCHDOG))
        return await asyncio.shield(self._process)

    async def kill(self) -> int | None:
        """Kill the process and wait for its end; return its exit status."""
        process, self._process = self._process, None
        if process is not None:
            process.cancel()
            self._ending = asyncio.create_task(_ended(process))
        return await asyncio.shield(self._ending) if self._ending is not None else None


async def _start(spec: EngineSpec, watchdog_s: float) -> Process:
    """Start a process and wait until its engine is ready. Raises SynthesisError and OSError."""
    arguments = (spec.factory, json.dumps(dict(spec.options)), str(watchdog_s))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.synthesis.worker"),
        *arguments,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=_environment(),
        limit=_LONGEST_LINE,
    )
    try:
        await _header(process)
    except EOFError:
        raise _died(await _end(process)) from None
    except BaseException:
        await _end(process)
        raise
    return process


def _died(status: int | None) -> SynthesisError:
    return SynthesisError(f"the speech engine's process ended (status {status})")


async def _ended(starting: asyncio.Task[Process]) -> int | None:
    """End a process that may still be starting."""
    (started,) = await asyncio.gather(starting, return_exceptions=True)
    return await _end(started) if isinstance(started, Process) else None


async def _end(process: Process) -> int | None:
    """Kill a process, and wait for it and both pipes, so that the transport closes."""
    assert process.stdin is not None  # noqa: S101  is a pipe
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.stdin.close()
    await process.communicate()
    with contextlib.suppress(OSError):
        await process.stdin.wait_closed()
    return process.returncode


def _environment() -> dict[str, str]:
    """Our environment without our settings, which hold a credential, but with our import path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ELMS_")}
    return kept | {"PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}


async def _ask(process: Process, request: Mapping[str, Any]) -> bytes:
    assert process.stdin is not None  # noqa: S101  is a pipe
    assert process.stdout is not None  # noqa: S101  is a pipe
    process.stdin.write(json.dumps(request).encode() + b"\n")
    await process.stdin.drain()
    header = await _header(process)
    return await process.stdout.readexactly(int(header["bytes"]))


async def _header(process: Process) -> Mapping[str, Any]:
    assert process.stdout is not None  # noqa: S101  is a pipe
    line = await process.stdout.readline()
    if not line:
        await process.wait()  # to get its own exit status, not that of a kill
        raise EOFError
    header: Mapping[str, Any] = json.loads(line)
    if "error" in header:
        raise SynthesisError(f"the speech engine failed: {header['error']}")
    return header
