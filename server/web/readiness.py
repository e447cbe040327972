"""Readiness: the database responds and is writable, and the disk has space.

One check runs at a time, in its own thread. Requests that arrive meanwhile share its result, so a
flood of them costs no more than one.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.context import Context
from server.errors import BusyError, DatabaseError

WRITE_EVERY_S = 10.0
"""Time for which a successful test write is trusted, seconds; a failed one is repeated at once."""
MIB = 1_048_576


class Readiness:
    """The state that ``/ready`` reports."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept_at = float("-inf")
        self._checks: dict[asyncio.AbstractEventLoop, asyncio.Task[str | None]] = {}

    async def why_not(self) -> str | None:
        """Return why the service is not ready, without naming a path or host; None if it is
        ready.
        """
        loop = asyncio.get_running_loop()
        check = self._checks.get(loop)
        if check is None:
            check = self._checks[loop] = loop.create_task(self._check())
            check.add_done_callback(lambda _: self._checks.pop(loop))
        return await asyncio.shield(check)

    async def _check(self) -> str | None:
        return await to_thread.run_sync(self._find_out, limiter=CapacityLimiter(1))

    def _find_out(self) -> str | None:
        database = self._context.database
        try:
            database.ping()
        except (DatabaseError, PoolTimeoutError):
            return "the database does not respond or has another version"
        if self._has_little_room():
            return "the disk is nearly full"
        if time.monotonic() - self._kept_at < WRITE_EVERY_S:
            return None
        try:
            database.try_keeping()
        except (DatabaseError, BusyError, PoolTimeoutError):
            return "the database cannot write"
        self._kept_at = time.monotonic()
        return None

    def _has_little_room(self) -> bool:
        settings = self._context.settings
        least = settings.disk_free_mib * MIB
        folders = [settings.mail.folder] if settings.mail.smtp_host is None else []
        if self._context.database.is_sqlite:
            folders.append(Path(str(self._context.database.engine.url.database)))
        return any(shutil.disk_usage(_there(each)).free < least for each in folders)


def _there(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    whole = path.resolve()
    return next(each for each in (whole, *whole.parents) if each.exists())
