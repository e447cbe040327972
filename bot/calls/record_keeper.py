"""Delivers a call's record to the backend, or to the spool if that takes long."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.calls.call_log import log_call
from bot.calls.spool import Spool
from bot.errors import BackendError
from bot.interfaces import Backend, Timer
from bot.records import CallRecord

PATIENCE_MS = 1_000
"""How long a caller who is being handed over waits for the record to be stored."""


class RecordKeeper:
    """``keep`` returns once a record is safe; without a spool, once the backend has it."""

    def __init__(self, backend: Backend, spool: Spool | None, timer: Timer) -> None:
        self._backend = backend
        self._spool = spool
        self._timer = timer
        self._late: set[asyncio.Task[None]] = set()

    async def keep(self, record: CallRecord) -> None:
        """Log and store a record; after a second it is spooled, and stored as soon as possible."""
        log_call(record)
        storing = asyncio.create_task(self._backend.store_call(record))
        waiting = asyncio.create_task(self._patience())
        try:
            await asyncio.wait({storing, waiting}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._spool_it(record, storing)
            raise
        finally:
            waiting.cancel()
        if not storing.done() or isinstance(storing.exception(), BackendError):
            self._spool_it(record, storing)
        else:
            storing.result()

    async def finish(self, patience_s: float) -> None:
        """Wait for records still being stored, up to this time."""
        if self._late:
            await asyncio.wait(self._late, timeout=patience_s)
        for storing in self._late:
            storing.cancel()

    async def _patience(self) -> None:
        """Store the record at the backend: without a spool, there is no other place for it."""
        await self._timer.sleep(PATIENCE_MS)
        if self._spool is None:
            await asyncio.Event().wait()

    def _spool_it(self, record: CallRecord, storing: asyncio.Task[None]) -> None:
        path = self._spool.keep(record) if self._spool is not None else None
        late = asyncio.create_task(self._stored(storing, path))
        self._late.add(late)
        late.add_done_callback(self._late.discard)

    async def _stored(self, storing: asyncio.Task[None], spooled: Path | None) -> None:
        """Finish storing: the backend took the record after all, or the spool delivers it later."""
        try:
            await storing
        except BackendError:
            return
        if self._spool is not None and spooled is not None:
            self._spool.forget(spooled)
