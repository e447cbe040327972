"""The service's one port: ``/media`` for the PBX's calls, and pages for an operator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import JSONResponse
from starlette.requests import HTTPConnection

from bot.serving.credentials import admits
from bot.serving.exchange import Exchange, ServedLine
from bot.settings import Serve

PROTOCOL = "media"
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
UNUSABLE = 1002
"""The close code (RFC 6455) for a peer that does not begin as Asterisk does."""

Begin = Callable[[WebSocket], Awaitable[ServedLine | None]]
"""Makes a line from an accepted connection; None if it is not a call."""


def create_app(exchange: Exchange, begin: Begin, settings: Serve) -> FastAPI:
    """One ASGI application over one exchange."""
    app = FastAPI(title="ELMS IVR", docs_url=None, redoc_url=None, openapi_url=None)
    routes = _Routes(exchange, begin, settings)
    app.add_api_route("/health", routes.health)
    app.add_api_route("/ready", routes.ready)
    app.add_api_route("/metrics", routes.metrics)
    app.add_api_websocket_route("/media", routes.media)
    return app


class _Routes:
    def __init__(self, exchange: Exchange, begin: Begin, settings: Serve) -> None:
        self._exchange = exchange
        self._begin = begin
        self._username = settings.username
        self._credential = settings.credential.get_secret_value()

    async def health(self) -> JSONResponse:
        """Show that the process answers."""
        return JSONResponse({"status": "ok"})

    async def ready(self) -> JSONResponse:
        """Show whether another call would be taken now."""
        why_not = self._exchange.admission.why_not(self._exchange.there)
        return JSONResponse({"status": why_not or "ready"}, 503 if why_not else 200)

    async def metrics(self, request: Request) -> Response:
        """Return Prometheus metrics to whoever has the credential."""
        if not self._may(request):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return Response(self._exchange.metrics.text(), media_type=EXPOSITION)

    async def media(self, socket: WebSocket) -> None:
        """Handle one call. A refusal comes before the PBX has answered it."""
        if not self._may(socket):
            self._exchange.metrics.refused("credential")
            await socket.send_denial_response(Response(status_code=401))
        elif self._exchange.why_not() is not None:
            await socket.send_denial_response(Response(status_code=503))
        else:
            self._exchange.enter()
            try:
                await self._talk(socket)
            finally:
                self._exchange.left()

    async def _talk(self, socket: WebSocket) -> None:
        offered = socket.scope.get("subprotocols", [])
        await socket.accept(PROTOCOL if PROTOCOL in offered else None)
        line = await self._begin(socket)
        if line is not None:
            await self._exchange.talk(line)
            return
        self._exchange.metrics.refused("start")
        with suppress(RuntimeError, OSError):
            await socket.close(UNUSABLE)

    def _may(self, connection: HTTPConnection) -> bool:
        given = connection.headers.get("Authorization", "")
        return admits(given, self._username, self._credential)
