"""Checks of a request's head, before its body is read: credential, rate, and host name (S16).

The bot's credential comes first. An API request without it is refused, and counts neither against
the bot's rate limit nor against its places.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from server.context import Context
from server.web.callers import Caller, Kind, caller_of
from server.web.error_handlers import PROGRAMS, Refusal, refuse
from server.web.gate import TRUST
from server.web.rate_limit import RateLimiter

API = "/api/"
DESCRIPTION = "/api/v1/openapi.json"
NO_CREDENTIAL = Refusal(
    HTTPStatus.UNAUTHORIZED,
    "the bot's credential is required",
    "no credential",
    {"WWW-Authenticate": "Bearer"},
)


class Admission:
    """Middleware that admits or refuses requests by their head."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        limits = context.settings.limits
        self._context = context
        self._programs = app
        self._pages = TrustedHostMiddleware(
            app, allowed_hosts=sorted(context.settings.hosts), www_redirect=False
        )
        self._bot = RateLimiter(limits.requests_per_minute)
        self._browsers = {
            kind: RateLimiter(limits.page_requests_per_minute)
            for kind in ("probe", "style", "page")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit or refuse one request."""
        if scope["type"] != "http":
            await self._programs(scope, receive, send)
            return
        caller = caller_of(self._context, scope)
        state = scope.setdefault("state", {})
        state["caller"] = caller
        if caller.kind is Kind.BOT and TRUST in state:
            state[TRUST]()
        refusal = self._refusal(scope, caller)
        if refusal is not None:
            await refuse(scope, receive, send, refusal)
        elif scope["path"].startswith(PROGRAMS):
            await self._programs(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    def _refusal(self, scope: Scope, caller: Caller) -> Refusal | None:
        path: str = scope["path"]
        if path.startswith(API) and path != DESCRIPTION and caller.kind is not Kind.BOT:
            return NO_CREDENTIAL
        wait_s = self._limiter(path, caller).wait_s(caller.key)
        if not wait_s:
            return None
        words = f"Too many requests. Please try again in {wait_s} seconds."
        headers = {"Retry-After": str(wait_s)}
        return Refusal(HTTPStatus.TOO_MANY_REQUESTS, words, "too many", headers)

    def _limiter(self, path: str, caller: Caller) -> RateLimiter:
        """The limiter of a request, so that a flood of one kind does not affect the others."""
        if caller.kind is Kind.BOT:
            return self._bot
        if path in ("/health", "/ready", "/metrics"):
            return self._browsers["probe"]
        return self._browsers["style" if path.startswith("/static/") else "page"]
