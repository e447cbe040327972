"""The implementation of ``elms-server serve``, and of the demonstration that it prepares."""

from __future__ import annotations

import typer

from server import seed as seeding
from server.admin.listen_socket import check_certificate, listen
from server.admin.logs import configure_logs
from server.admin.process import leave_no_core, with_files_for
from server.admin.serving import run
from server.app import create_app
from server.context import build_context
from server.database import migrate
from server.errors import SettingsError
from server.seed.call_backs import invent_call_backs
from server.seed.calls import invent_calls
from server.seed.demonstration import ACCOUNTS, PASSWORD, STAFF
from server.settings import DEMO_SECRET_PREFIX, Settings, check_settings


def prepare_demo(settings: Settings, calls: bool = True) -> None:
    """Bring a demonstration database to the newest tables and fill it if it is empty.

    With ``calls``, a month of them is invented.
    """
    if not settings.demo:
        raise SettingsError("only a demonstration sets up its own database")
    context = build_context(settings)
    try:
        migrate(context.database)
        if seeding.is_empty(context):
            seeding.seed(context)
            if calls:
                invent_calls(context)
                invent_call_backs(context)
    finally:
        context.database.close()


def serve(settings: Settings, calls: bool = True) -> None:
    """Listen until interrupted; ``calls`` has a new demonstration begin with a month of them."""
    check_settings(settings)
    configure_logs(settings.log_level)
    leave_no_core()
    settings = with_files_for(settings)
    if settings.demo:
        prepare_demo(settings, calls)
    check_certificate(settings)
    app = create_app(settings)
    listening = listen(settings.host, settings.port)
    scheme = "https" if settings.tls_certificate else "http"
    host, port = listening.getsockname()[:2]
    typer.echo(f"ELMS is at {scheme}://{f'[{host}]' if ':' in host else host}:{port}")
    if settings.demo:
        typer.echo(demo_hint(f"{scheme}://{host}:{port}", settings))
    run(app, settings, listening)


def demo_hint(address: str, settings: Settings) -> str:
    """Print who can sign in to the demonstration, what there is to try, and how to call it."""
    first, second = ACCOUNTS[:2]
    without = next(account.license_number for account in ACCOUNTS if account.pin is None)
    credential = settings.bot_credential.get_secret_value()
    shown = credential if credential.startswith(DEMO_SECRET_PREFIX) else "CREDENTIAL"
    return f"""\
Demonstration: sign in as {first.license_number}, {STAFF[0].username} or {STAFF[-1].username}, \
password {PASSWORD}
  {first.license_number} and {second.license_number} have PINs {first.pin} and {second.pin}; \
{without} has none yet: set one
  {STAFF[0].username}: Desk has two callers who wait; check a PIN, open the account
  {STAFF[-1].username}: Calls and Figures show a month; set the weeks and holidays
Call it from another terminal:
  ELMS_IVR_BACKEND__URL={address} ELMS_IVR_BACKEND__CREDENTIAL={shown} \\
    .venv/bin/elms-ivr text --live      (or: mic --live)"""
