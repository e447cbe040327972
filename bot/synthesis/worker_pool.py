"""Speech engines in worker processes: time-outs, kill, respawn and one retry.

One pool belongs to one event loop. Only processes that the pool started itself are ended, by
their own handle.
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
"""For importing an engine and its weights on a busy machine."""

_WATCHDOG = 4
"""A process that hangs so many time-outs long without a parent is ended by its own alarm."""

_LONGEST_LINE = 1 << 16


class WorkerPool:
    """As many engines at once as there are workers; each started when first needed."""

    def __init__(self, spec: EngineSpec, workers: int, timeout_ms: int) -> None:
        self._workers = [_Worker(spec, timeout_ms / 1000) for _ in range(workers)]
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        for worker in reversed(self._workers):
            self._idle.put_nowait(worker)

    async def start(self) -> None:
        """Start all workers now. Raises SynthesisError where the engine cannot be built."""
        await asyncio.gather(*(worker.start() for worker in self._workers))

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
        """Process ids of the workers that run now."""
        return tuple(worker.pid for worker in self._workers if worker.pid is not None)

    async def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            await worker.kill()


class _Worker:
    """One process; after any fault it is killed, and started anew for the next request."""

    def __init__(self, spec: EngineSpec, timeout_s: float) -> None:
        self._spec = spec
        self._timeout_s = timeout_s
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        alive = self._process is not None and self._process.returncode is None
        return self._process.pid if alive and self._process else None

    async def start(self) -> None:
        async with self._fault_ends_it(START_TIMEOUT_S):
            await self._running()

    async def render(self, text: str, rate: int, rate_percent: int) -> bytes:
        await self.start()
        async with self._fault_ends_it(self._timeout_s):
            return await self._ask({"text": text, "rate": rate, "rate_percent": rate_percent})

    @contextlib.asynccontextmanager
    async def _fault_ends_it(self, timeout_s: float) -> AsyncIterator[None]:
        """Whatever goes wrong leaves a worker out of step with us: end it."""
        try:
            async with asyncio.timeout(timeout_s):
                yield
        except TimeoutError:
            await self.kill()
            raise SynthesisError(f"the speech engine hung for {timeout_s:g} s") from None
        except (OSError, EOFError, ValueError):
            code = await self.kill()
            raise SynthesisError(f"the speech engine's process ended (status {code})") from None
        except BaseException:
            await self.kill()
            raise

    async def _running(self) -> None:
        if self._process is not None and self._process.returncode is None:
            return
        self._process = await _start(self._spec, self._timeout_s * _WATCHDOG)
        await _header(self._process)

    async def _ask(self, request: Mapping[str, Any]) -> bytes:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise EOFError
        process.stdin.write(json.dumps(request).encode() + b"\n")
        await process.stdin.drain()
        header = await _header(process)
        return await process.stdout.readexactly(int(header["bytes"]))

    async def kill(self) -> int | None:
        """End the process; returns its exit status."""
        process, self._process = self._process, None
        if process is None:
            return None
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return await asyncio.shield(process.wait())


async def _start(spec: EngineSpec, watchdog_s: float) -> Process:
    arguments = (spec.factory, json.dumps(dict(spec.options)), str(watchdog_s))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.synthesis.worker"),
        *arguments,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=_environment(),
        limit=_LONGEST_LINE,
    )


def _environment() -> dict[str, str]:
    """Ours without our settings (they hold a credential), and the same places to import from."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ELMS_")}
    return kept | {"PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}


async def _header(process: Process) -> Mapping[str, Any]:
    assert process.stdout is not None  # noqa: S101  is a pipe
    line = await process.stdout.readline()
    if not line:
        raise EOFError
    header: Mapping[str, Any] = json.loads(line)
    if "error" in header:
        raise SynthesisError(f"the speech engine failed: {header['error']}")
    return header
