"""Runs uvicorn around the application, and lets calls in progress end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from bot.errors import SettingsError
from bot.serving.exchange import Exchange
from bot.settings import Serve

LARGEST_MESSAGE = 16 * 1024
PING_EVERY_S, PONG_WITHIN_S = 20.0, 60.0
"""A busy loop misses a pong that came in time: a shorter wait closes healthy calls."""
CANCELED_S = 5
"""Time for a canceled call to keep its record."""


class Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would close every connection at once. ``up`` is set once it has
    started.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's own."""
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured."""
        yield

    def protocol(self) -> asyncio.Protocol:
        """Return the protocol for one connection that another process accepted."""
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises SettingsError if there can be none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(socket.SOMAXCONN)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port"
        ) from None
    return listening


def server_of(app: FastAPI, settings: Serve) -> Server:
    """Return the configuration: HTTP/1.1 and WebSocket, without compression or a request log."""
    return Server(
        uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            ws_ping_interval=PING_EVERY_S,
            ws_ping_timeout=PONG_WITHIN_S,
            ws_per_message_deflate=False,
            lifespan="off",
            loop="asyncio",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=CANCELED_S,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
        )
    )


async def run(
    server: Server, exchange: Exchange, listening: socket.socket | None, drain_s: float
) -> None:
    """Serve until a signal: the first lets calls in progress end, the second cancels them.

    Without a listening socket, connections come from elsewhere (``Server.protocol``).
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    ends: set[asyncio.Task[None]] = set()

    async def end() -> None:
        await exchange.drain(drain_s)
        server.should_exit = True

    def signaled() -> None:
        if told.is_set():
            server.should_exit = True
            return
        told.set()
        ends.add(asyncio.create_task(end()))

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, signaled)
    watching = asyncio.create_task(exchange.watch())
    try:
        await server.serve(sockets=[] if listening is None else [listening])
    finally:
        watching.cancel()
        for task in ends:
            task.cancel()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
