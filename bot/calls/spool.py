"""Keeps call records that the backend could not take yet as files, and delivers them later.

Several processes may deliver from one folder: the backend stores a record once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from bot.atomic_file import write_whole
from bot.bounded_file import read_bounded
from bot.calls.call_log import log_fault
from bot.errors import BackendError, BackendRejectedError
from bot.interfaces import Backend, Timer
from bot.records import CALL, CallRecord

EVERY_MS = 60_000
"""Time between delivery attempts."""
UNKEPT = "error.record.unkept"
DAMAGED = "error.record.damaged"
LARGEST_BYTES = 8 << 20
"""Largest record; an hour's call with partial results has 300 KB."""


class Spool:
    """A folder of undelivered records; they survive the end of the process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._delivering = asyncio.Lock()

    def keep(self, record: CallRecord) -> Path | None:
        """Write a record atomically; return None if that fails.

        The call is over by then, and the next one must not fail for it; the log has the fault.
        """
        path = self._folder / f"{record.call_id}.json"
        try:
            write_whole(path, CALL.dump_json(record), private=True)
        except OSError as error:
            log_fault(record.call_id, UNKEPT, type(error).__name__)
            return None
        return path

    def forget(self, kept: Path) -> None:
        """Remove a record that the backend has now."""
        with suppress(OSError):
            kept.unlink(missing_ok=True)

    async def deliver_each_minute(self, backend: Backend, timer: Timer) -> None:
        """Deliver now and repeatedly, until canceled."""
        while True:
            with suppress(OSError):
                async with self._delivering:
                    await self.deliver(backend)
            await timer.sleep(EVERY_MS)

    async def pause(self) -> None:
        """Return between two deliveries."""
        async with self._delivering:
            pass

    async def deliver(self, backend: Backend) -> int:
        """Deliver the kept records to the backend; return how many went. Stop if it is down.

        A file that is not a record, or that the backend rejects, is set aside with the suffix
        ``.damaged``.
        """
        delivered = 0
        for path in sorted(self._folder.glob("*.json")):
            try:
                content = read_bounded(path, LARGEST_BYTES)
                await backend.store_call(CALL.validate_json(content))
            except (ValueError, BackendRejectedError) as error:
                log_fault(path.stem, DAMAGED, type(error).__name__)
                with suppress(OSError):
                    path.replace(path.with_suffix(".damaged"))
            except OSError:
                continue
            except BackendError:
                break
            else:
                path.unlink(missing_ok=True)
                delivered += 1
        return delivered
