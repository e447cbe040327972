"""Fetches ahead of calls what every call needs from the backend: holidays, hours, prompts.

Callers hear the greeting instead of waiting for the backend: the last known answer is used at once
and refreshed in the background. Only the beginning of a call waits a moment for the refresh, so
that a prompt that was just changed is heard in the next call.
"""

from __future__ import annotations

import asyncio
from typing import Any

from bot.elms.requests import FetchService, Service
from bot.errors import BackendError
from bot.interfaces import Backend, Timer
from bot.records import CallRecord

FRESH_MS = 600_000
"""Maximum age of an answer before it is fetched again."""
PATIENCE_MS = 200
"""Longest time that a call waits for the backend's response."""
NOBODY = "service"
"""Call ID of requests that belong to no call."""


class AskedAhead:
    """Implements bot.interfaces.Backend by wrapping another backend."""

    def __init__(self, backend: Backend, timer: Timer) -> None:
        self._backend = backend
        self._timer = timer
        self._known: Service | None = None
        self._asked_ms = 0
        self._asking: asyncio.Task[None] | None = None
        self._is_reachable = True
        """True if the backend answered in time when a call last waited for it."""

    async def latest(self) -> Service | None:
        """Ask the backend; return the last known answer if it does not reply in time."""
        if self._asking is None or self._asking.done():
            self._asked_ms = self._timer.now_ms()
            self._asking = asyncio.create_task(self._ask())
        if self._is_reachable:
            await self._wait_a_little(self._asking)
            self._is_reachable = self._asking.done()
        return self._known

    async def ask(self, request: Any, call_id: str, caller_number: str | None) -> Any:
        """Answer a request from the dialog, service data (holidays) from memory if it is known."""
        if not isinstance(request, FetchService):
            return await self._backend.ask(request, call_id, caller_number)
        asking = self.ask_ahead()
        if self._known is None and asking is not None:
            await self._wait_a_little(asking)
        if self._known is None:
            raise BackendError("the backend has not sent the holidays yet")
        return self._known

    async def store_call(self, record: CallRecord) -> None:
        """Pass an ended call's record on to the backend."""
        await self._backend.store_call(record)

    def ask_ahead(self) -> asyncio.Task[None] | None:
        """Start fetching the holidays if they are due; return the task, or None if they are not."""
        if self._asking is not None and not self._asking.done():
            return self._asking
        if self._known is not None and self._timer.now_ms() - self._asked_ms < FRESH_MS:
            return None
        self._asked_ms = self._timer.now_ms()
        self._asking = asyncio.create_task(self._ask())
        return self._asking

    async def close(self) -> None:
        """Cancel a fetch that is still running."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        """Fetch once; keep the last known answer if the backend cannot be reached."""
        try:
            answer = await self._backend.ask(FetchService(), NOBODY, None)
        except BackendError:
            return
        self._is_reachable = True
        if isinstance(answer, Service):
            self._known = answer

    async def _wait_a_little(self, asking: asyncio.Task[None]) -> None:
        waiting = asyncio.create_task(self._timer.sleep(PATIENCE_MS))
        try:
            await asyncio.wait({asking, waiting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
