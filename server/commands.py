"""What the commands of ``elms-server`` do."""

from __future__ import annotations

import socket

import typer
import uvicorn

from server import seed as seeding
from server.app import create_app
from server.context import build_context
from server.database import Database
from server.database import migrate as migrate_database
from server.errors import SettingsError
from server.seed.demonstration import ACCOUNTS, PASSWORD, STAFF
from server.settings import Settings, check_settings


def prepare_demo(settings: Settings) -> None:
    """Bring a demonstration database to the newest tables and fill it if it is empty."""
    if not settings.demo:
        raise SettingsError("only a demonstration prepares its database by itself")
    context = build_context(settings)
    try:
        migrate_database(context.database)
        if seeding.is_empty(context):
            seeding.seed(context)
    finally:
        context.database.close()


def serve(settings: Settings) -> None:
    """Listen until interrupted."""
    check_settings(settings)
    if settings.demo:
        prepare_demo(settings)
    app = create_app(settings)
    listening = _listen(settings.host, settings.port)
    scheme = "https" if settings.tls_certificate else "http"
    host, port = listening.getsockname()[:2]
    typer.echo(f"ELMS is at {scheme}://{f'[{host}]' if ':' in host else host}:{port}")
    if settings.demo:
        typer.echo(demo_hint())
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )
    uvicorn.Server(config).run(sockets=[listening])


def demo_hint() -> str:
    """How to sign in to the demonstration."""
    first = ACCOUNTS[0]
    return (
        f"Demonstration: sign in as {first.license_number}, {STAFF[0].username} "
        f"or {STAFF[-1].username}, password {PASSWORD}"
    )


def seed(settings: Settings) -> None:
    """Fill an empty database."""
    if not settings.demo:
        raise SettingsError("invented educators belong into a demonstration: add --demo")
    context = build_context(settings)
    migrate_database(context.database)
    typer.echo(f"{seeding.seed(context)} educators")


def migrate(settings: Settings, revision: str) -> None:
    """Bring the tables to a version."""
    database = Database(settings.database_url)
    migrate_database(database, revision)
    typer.echo(f"The database is at {revision}.")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(socket.SOMAXCONN)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port"
        ) from None
    return listening
