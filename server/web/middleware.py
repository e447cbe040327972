"""Gives every response a request ID and security headers, and every request a log line and a count.

Plain ASGI, so that nothing is buffered. The log line has the route, never the path, which may hold
a license number. Strangers cannot fill the disk with log lines: theirs are limited per minute, and
refused requests are logged as totals.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.admin.logs import Sums
from server.metrics import Metrics
from server.settings import Settings
from server.web.callers import Caller, Kind
from server.web.error_handlers import fault
from server.web.policy import CONTENT_POLICY
from server.web.rate_limit import RateLimiter

log = structlog.get_logger("elms.server")

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Frame-Options": "DENY",
}
HSTS, HSTS_AGE = "Strict-Transport-Security", "max-age=31536000"
NOT_KEPT = (b"cache-control", b"no-store")
STYLE_AGE = (b"cache-control", b"max-age=3600")
LINES_PER_MINUTE = 600
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""All other methods share one metric, since a client can invent any number of them."""


class Frame:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        headers = SECURITY_HEADERS | ({HSTS: HSTS_AGE} if settings.secure_cookies else {})
        self._headers = [(name.lower().encode(), each.encode()) for name, each in headers.items()]
        self._lines = RateLimiter(LINES_PER_MINUTE)
        self._sums = Sums(log, "requests.refused")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Process one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        started = time.perf_counter()
        status = 0

        async def framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(message, scope["path"], request_id)
            await send(message)

        try:
            await self._app(scope, receive, framed)
        except Exception as error:
            if status:
                raise
            await (await fault(Request(scope), error))(scope, receive, framed)
        finally:
            self._note(scope, request_id, status, time.perf_counter() - started)

    def _add_headers(self, message: MutableMapping[str, Any], path: str, request_id: str) -> None:
        kept = STYLE_AGE if path.startswith("/static/") else NOT_KEPT
        headers = list(message["headers"])
        given = {name for name, _ in headers}
        headers += [each for each in (*self._headers, kept) if each[0] not in given]
        headers.append((b"x-request-id", request_id.encode()))
        message["headers"] = headers

    def _note(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        refused: str | None = scope.get("refused")
        route = "refused" if refused else getattr(scope.get("route"), "path", "unmatched")
        self._metrics.saw(method, route, status, seconds)
        if refused is not None:
            self._metrics.refused(refused)
            self._sums.add(refused)
        elif _is_stranger(scope) and self._lines.wait_s("strangers"):
            self._sums.add("not logged")
        else:
            log.info(
                "request",
                id=request_id,
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
            )


def _is_stranger(scope: Scope) -> bool:
    caller: Caller | None = scope.get("state", {}).get("caller")
    return caller is None or caller.kind is Kind.STRANGER
