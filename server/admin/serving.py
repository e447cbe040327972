"""The running service: uvicorn behind the gate, and a housekeeping thread."""

from __future__ import annotations

import itertools
import socket
from threading import Event, Thread

import structlog
import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.admin.listen_socket import ACCEPTED_AT_ONCE, Door
from server.admin.logs import cut_libraries_short
from server.admin.process import keep_what_was_made
from server.context import Context
from server.database import one_line
from server.errors import BusyError
from server.metrics import Metrics
from server.services import retention
from server.services.outbox import deliver
from server.settings import Settings
from server.web.connection import connection_class
from server.web.error_handlers import KIB
from server.web.gate import Gate

log = structlog.get_logger("elms.server")
MAIL_EVERY_S = 60
FORGET_EVERY = 60
"""Old budgets are removed every so many rounds of mail."""
SHUTDOWN_S = 15
"""Time that open requests may delay the end of the service, seconds."""


def run(app: FastAPI, settings: Settings, listening: socket.socket) -> None:
    """Serve until interrupted."""
    metrics: Metrics = app.state.metrics
    context: Context = app.state.context
    gate = Gate(settings.network, metrics.dropped)
    config = server_config(app, settings, gate)
    cut_libraries_short()
    ended = Event()
    house = Thread(target=_keep_house, args=(context, ended), name="house", daemon=True)
    house.start()
    keep_what_was_made()
    uvicorn.Server(config).run(sockets=[Door.of(listening, gate)])
    ended.set()
    house.join(SHUTDOWN_S)


def server_config(app: FastAPI, settings: Settings, gate: Gate) -> uvicorn.Config:
    """uvicorn's configuration: connections of the gate, HTTP/1.1 and nothing else.

    The loop has to be asyncio's: uvloop accepts connections without asking the gate.
    """
    network = settings.network
    return uvicorn.Config(
        app,
        http=connection_class(gate, network.head_kib * KIB),
        loop="asyncio",
        ws="none",
        lifespan="off",
        backlog=ACCEPTED_AT_ONCE,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=bool(network.trusted_proxies),
        forwarded_allow_ips=[str(each) for each in network.trusted_proxies],
        timeout_keep_alive=network.idle_s,
        timeout_graceful_shutdown=SHUTDOWN_S,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )


def _keep_house(context: Context, ended: Event) -> None:
    """Send mail that an earlier fault or process left behind; remove old budgets once an hour."""
    for minute in itertools.count():
        try:
            deliver(context)
            if minute % FORGET_EVERY == 0:
                retention.forget_budgets(context)
        except (DBAPIError, BusyError, PoolTimeoutError) as error:
            cause = one_line(error) if isinstance(error, DBAPIError) else type(error).__name__
            log.warning("mail.waits", cause=cause)
        if ended.wait(MAIL_EVERY_S):
            return
