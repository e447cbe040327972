"""An HTTP client of an application in this process, on one event loop that all clients share.

Starlette's TestClient starts a loop and a thread for each request, which costs more than most of
what a request asks for.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Future
from functools import cache
from threading import Thread
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal

ADDRESS = ("testclient", 50_000)


class InProcessClient(httpx.Client):
    """Sends requests to an application as from this address. Faults become answers of 500."""

    def __init__(self, app: Any, client: tuple[str, int] = ADDRESS, **options: Any) -> None:
        super().__init__(
            transport=_InProcess(app, client),
            follow_redirects=True,
            headers={"user-agent": "testclient"},
            trust_env=False,
            **options,
        )


class _InProcess(httpx.BaseTransport):
    def __init__(self, app: Any, client: tuple[str, int]) -> None:
        self._asgi = httpx.ASGITransport(app, raise_app_exceptions=False, client=client)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Run the application until its whole response is there."""
        whole = httpx.Request(
            request.method,
            request.url,
            headers=request.headers,
            content=request.read(),
            extensions=request.extensions,
        )
        answer = _portal(os.getpid()).call(self._answer, whole)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def _answer(self, request: httpx.Request) -> httpx.Response | BaseException:
        """What ends a process, such as an exit, ends the request, and not the loop of all."""
        try:
            response = await self._asgi.handle_async_request(request)
        except BaseException as ending:
            return ending
        body = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=body)


@cache
def _portal(_process: int) -> BlockingPortal:
    """The way into a loop that runs as long as this process; a fork has one of its own."""
    started: Future[BlockingPortal] = Future()

    async def serve() -> None:
        async with BlockingPortal() as portal:
            started.set_result(portal)
            await portal.sleep_until_stopped()

    Thread(target=asyncio.run, args=(serve(),), daemon=True, name="applications").start()
    return started.result()
