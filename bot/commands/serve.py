"""`elms-ivr serve`: answers the calls that a PBX brings."""

from __future__ import annotations

import asyncio
import os
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any

import typer
from fastapi import WebSocket

from bot.adapters.line_websocket import WebSocketLine, begin
from bot.bootstrap import call_service, words_of
from bot.clock import RealTimer, at
from bot.commands.call_time import Moment
from bot.commands.serve_workers import announce, supervised, work_of
from bot.demo_backend import backend_of
from bot.errors import SettingsError
from bot.serving.agi import AgiServer
from bot.serving.app import create_app
from bot.serving.exchange import Exchange
from bot.serving.server import listen, run, server_of
from bot.settings import BackendClient, Serve, Settings, load_settings

CALLS_A_WORKER = 20
"""At least, where the settings do not say how many workers there are."""


def serve(
    context: typer.Context,
    settings: Annotated[Path | None, typer.Option(help="TOML file of settings.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer calls.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Use the demonstration backend.")] = False,
    moment: Annotated[str | None, Moment] = None,
) -> None:
    """Answer calls from a PBX; prints its address on one line. See docs/telephony.md."""
    given: dict[str, Any] = {"host": host, "port": port, "workers": workers}
    loaded = load_settings(settings)
    section = loaded.serve.model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    check_door(section)
    section = section.model_copy(update={"workers": workers_of(section, cores())})
    with backend_of(loaded, not demo) as client:
        if section.workers == 1:
            asyncio.run(_serve(loaded, section, client, moment))
        else:
            said = context.find_root().params
            work = work_of(
                loaded,
                section,
                words=words_of(loaded),
                client=client,
                moment=moment,
                log=said.get("log"),
                level=said.get("level"),
            )
            asyncio.run(supervised(work, section))


def cores() -> int:
    """Those that this process may use; one where a socket cannot be handed to another process."""
    if not hasattr(socket, "send_fds"):
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers_of(section: Serve, cores: int) -> int:
    """Return the number of processes that answer calls: an event loop saturates one core, and with
    fewer than 20 calls a process is not worth its memory (decision 58).
    """
    return section.workers or max(1, min(cores, section.calls // CALLS_A_WORKER))


def check_door(section: Serve) -> None:
    """Raises SettingsError where strangers could bring calls."""
    hosts = {section.host, section.agi_host}
    if not section.credential.get_secret_value() and not all(map(_is_loopback, hosts)):
        raise SettingsError(
            f"setting serve.credential: {section.host} can be reached from outside; set one, or "
            "listen on 127.0.0.1"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _serve(
    settings: Settings, section: Serve, client: BackendClient | None, moment: str | None
) -> None:
    now = at(moment or ("now" if client is None else None))
    timer = RealTimer()
    async with call_service(
        settings, backend=client, warm_rates=section.warm_rates, now=now
    ) as calls:
        exchange = Exchange(calls, section.calls, timer)

        async def line_of(connection: WebSocket) -> WebSocketLine | None:
            return await begin(connection, timer, exchange.steps.end)

        listening = listen(section.host, section.port)
        server = server_of(create_app(exchange, line_of, section), section)
        credential = section.credential.get_secret_value()
        agi = await AgiServer(exchange.steps, credential).start(section.agi_host, section.agi_port)
        async with agi:
            announce(section, listening, agi)
            await run(server, exchange, listening, section.drain_s)
