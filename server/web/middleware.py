"""What every response gets: a request id, security headers, one log line, a count; and rate limits.

Plain ASGI, so that nothing is buffered. The log line has the route, never the address that was
asked for: a path may hold a licence number.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.metrics import Metrics
from server.settings import Settings
from server.web.error_handlers import fault, too_many
from server.web.rate_limit import RateLimiter

log = structlog.get_logger("elms.server")

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Frame-Options": "DENY",
}
HSTS = "max-age=31536000"
API_PREFIX = "/api/"
UNLIMITED = ("/health", "/ready", "/static/")


class Frame:
    """The outermost middleware."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._headers = dict(SECURITY_HEADERS)
        if settings.secure_cookies:
            self._headers["Strict-Transport-Security"] = HSTS
        self._api = RateLimiter(settings.limits.requests_per_minute)
        self._pages = RateLimiter(settings.limits.page_requests_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Frame one request."""
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

        wait_s = self._wait_s(scope)
        try:
            if wait_s > 0:
                await too_many(Request(scope), wait_s)(scope, receive, framed)
            else:
                await self._app(scope, receive, framed)
        except Exception as error:
            if status:
                raise
            await (await fault(Request(scope), error))(scope, receive, framed)
        finally:
            self._note(scope, request_id, status, time.perf_counter() - started)

    def _add_headers(self, message: MutableMapping[str, Any], path: str, request_id: str) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        if not path.startswith("/static/"):
            headers.setdefault("Cache-Control", "no-store")
        headers["X-Request-ID"] = request_id

    def _wait_s(self, scope: Scope) -> int:
        path: str = scope["path"]
        if path.startswith(UNLIMITED):
            return 0
        client = scope.get("client")
        address = str(client[0]) if client else "local"
        limiter = self._api if path.startswith(API_PREFIX) else self._pages
        return limiter.wait_s(address)

    def _note(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"]
        self._metrics.saw(method, route, status, seconds)
        log.info(
            "request",
            id=request_id,
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
        )
