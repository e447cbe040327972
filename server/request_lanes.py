"""Separate places for each kind of request, so that none can starve another (S16).

Routes run in the threads of one pool, first come, first served. Two hundred browsers waiting for an
identity provider, or for password hashing, would be served before a caller's PIN. Here a request
first takes a place in its lane; all lanes together have fewer places than the pool has threads. The
queue for a place is short and the wait limited; beyond that, the response is 503. A stranger's
address can occupy at most half of a lane.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from enum import StrEnum
from http import HTTPStatus
from weakref import WeakKeyDictionary

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.settings_network import Places
from server.web.callers import Caller, Kind
from server.web.error_handlers import RETRY_AFTER_S, Refusal, refuse

WAITING_OF_BOT, WAITING = 16, 4
"""Number of requests that may wait per place."""
BUSY = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The service is busy. Please try again in a few seconds.",
    "busy",
    {"Retry-After": str(RETRY_AFTER_S)},
)


class LaneName(StrEnum):
    """The kinds of requests with their own places."""

    TELEPHONE = "telephone"
    KNOWN = "known"
    STRANGERS = "strangers"
    PASSWORDS = "passwords"
    SINGLE_SIGN_ON = "single sign-on"


class FullError(Exception):
    """No place is free or will be soon."""


class Lane:
    """The places of one kind and the queue for them; ``share`` limits one caller's part of both."""

    def __init__(self, places: int, waiting: int, wait_s: float, share: float = 1.0) -> None:
        self._places = asyncio.Semaphore(places)
        self._wait_s = wait_s
        self._most = places * (1 + waiting)
        self._share = max(1, int(self._most * share))
        self._standing: Counter[str] = Counter()

    @asynccontextmanager
    async def place(self, key: str) -> AsyncIterator[None]:
        """Wait for a place and hold it. Raises FullError."""
        if self._standing.total() >= self._most or self._standing[key] >= self._share:
            raise FullError
        self._standing[key] += 1
        try:
            try:
                async with asyncio.timeout(self._wait_s):
                    await self._places.acquire()
            except TimeoutError:
                raise FullError from None
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._standing[key] -= 1
            if not self._standing[key]:
                del self._standing[key]


class Lanes:
    """Middleware that processes a request in a place, and frees it when the response starts.

    Sending a response needs no thread, so a slow reader occupies nothing.
    """

    def __init__(self, app: ASGIApp, places: Places) -> None:
        self._app = app
        self._places = places
        self._of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[LaneName, Lane]] = (
            WeakKeyDictionary()
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        name = lane_of(scope) if scope["type"] == "http" else None
        if name is None:
            await self._app(scope, receive, send)
            return
        caller: Caller = scope["state"]["caller"]
        async with AsyncExitStack() as held:
            try:
                await held.enter_async_context(self._lanes()[name].place(caller.key))
            except FullError:
                await refuse(scope, receive, send, BUSY)
                return

            async def sending(message: Message) -> None:
                await held.aclose()
                await send(message)

            await self._app(scope, receive, sending)

    def _lanes(self) -> dict[LaneName, Lane]:
        """The lanes of the running loop; asyncio's primitives belong to one loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._of_loop:
            self._of_loop[loop] = lanes_of(self._places)
        return self._of_loop[loop]


def lanes_of(places: Places) -> dict[LaneName, Lane]:
    """All lanes."""
    wait_s = places.wait_s
    return {
        LaneName.TELEPHONE: Lane(places.telephone, WAITING_OF_BOT, wait_s),
        LaneName.KNOWN: Lane(places.known, WAITING, wait_s),
        LaneName.STRANGERS: Lane(places.strangers, WAITING, wait_s, share=0.5),
        LaneName.PASSWORDS: Lane(places.passwords, WAITING, wait_s, share=0.5),
        LaneName.SINGLE_SIGN_ON: Lane(places.single_sign_on, WAITING, wait_s, share=0.5),
    }


def lane_of(scope: Scope) -> LaneName | None:
    """The lane of a request, or None if it needs no thread."""
    path: str = scope["path"]
    kind: Kind = scope["state"]["caller"].kind
    if path in ("/health", "/ready", "/metrics"):
        return None
    if kind is Kind.BOT:
        return LaneName.TELEPHONE
    if path == "/sso" or path.startswith("/sso/"):
        return LaneName.SINGLE_SIGN_ON
    if kind is Kind.KNOWN:
        return LaneName.KNOWN
    if path == "/sign-in" and scope["method"] == "POST":
        return LaneName.PASSWORDS
    return LaneName.STRANGERS
