"""Reads a request's body before routing, within a size and a deadline (S16).

A body with a too large Content-Length is refused before any of it is read. Forms must be
URL-encoded, as browsers send them by default; the multipart parser, which writes temporary files,
is never reached.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.settings_network import Network
from server.web.callers import Kind
from server.web.error_handlers import KIB, Refusal, body_length, refuse

RECORDS = "/api/v1/calls/"
FORM = "application/x-www-form-urlencoded"
TOO_LARGE = Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.", "too large")
TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT,
    "The request took too long to arrive. Please try again.",
    "too slow",
)
NO_FORM = Refusal(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "The form was sent in an unsupported format.",
    "no form",
)


class TooLargeError(Exception):
    """The body is larger than allowed."""


class Bodies:
    """Middleware that passes on complete bodies only."""

    def __init__(self, app: ASGIApp, limits: Network) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read one request's body and pass it on."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if "content-length" not in headers and "transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        most = self._most(scope)
        is_form = headers.get("content-type", FORM).partition(";")[0].strip().lower() == FORM
        if body_length(scope) > most:
            await refuse(scope, receive, send, TOO_LARGE)
        elif scope["state"]["caller"].kind is not Kind.BOT and not is_form:
            await refuse(scope, receive, send, NO_FORM)
        else:
            await self._read(scope, receive, send, most)

    async def _read(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        try:
            async with asyncio.timeout(self._limits.body_s):
                body = await _whole(receive, most)
        except TimeoutError:
            await refuse(scope, receive, send, TOO_SLOW)
        except TooLargeError:
            await refuse(scope, receive, send, TOO_LARGE)
        else:
            if body is None:  # the client has disconnected
                scope["refused"] = "gone"
                return
            await self._app(scope, _again(body, receive), send)

    def _most(self, scope: Scope) -> int:
        limits = self._limits
        if scope["state"]["caller"].kind is not Kind.BOT:
            return limits.form_kib * KIB
        path: str = scope["path"]
        return (limits.record_kib if path.startswith(RECORDS) else limits.body_kib) * KIB


async def _whole(receive: Receive, most: int) -> bytes | None:
    """The whole body, or None if the client disconnected."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > most:
            raise TooLargeError
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Replay a body that has been read, then continue receiving."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return waiting.pop() if waiting else await receive()

    return give
