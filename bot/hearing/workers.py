"""Runs blocking engines: in a small thread pool, or inline for tests and batch work.

Vosk releases the interpreter lock, so as many threads as cores are enough; a thread per call would
only queue behind them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


class ThreadWorkers:
    """A pool shared by all calls; a context manager that waits for running work at its end."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="engine")

    async def run(self, work: Callable[[], T]) -> T:
        """Run in a worker thread and return the result, or raise what the work raised."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def within(self, ms: int, running: asyncio.Future[T]) -> T | None:
        """Return the result of work begun with ``run``, or None after this time. The work
        continues, and its result is dropped.
        """
        done, _ = await asyncio.wait({running}, timeout=ms / 1_000)
        if done:
            return running.result()
        running.add_done_callback(_ignored)
        running.cancel()
        return None

    def close(self) -> None:
        """Wait for running work and stop the threads."""
        self._pool.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _ignored(late: asyncio.Future[T]) -> None:
    if not late.cancelled():
        late.exception()


class InlineWorkers:
    """Runs work inline: for batch work in processes, and for tests."""

    async def run(self, work: Callable[[], T]) -> T:
        """Run now and return the result."""
        return work()

    async def within(self, ms: int, running: asyncio.Future[T]) -> T | None:
        """Return the result, however long it takes."""
        return await running
