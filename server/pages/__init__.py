"""The web pages: thin routes, rendered on the server, without scripts."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from server.pages import (
    audit_log,
    call_backs,
    calls,
    educator,
    own_password,
    prompts,
    representative,
    sign_in,
    sso,
    staff,
    statistics,
    supervisor,
)
from server.pages.common import (
    FOLDER,
    ConfirmNeededError,
    SignInNeededError,
    needs_confirmation,
    needs_sign_in,
)

MODULES = (
    sign_in,
    own_password,
    educator,
    representative,
    call_backs,
    calls,
    supervisor,
    statistics,
    prompts,
    staff,
    audit_log,
    sso,
)


def add_pages(app: FastAPI) -> None:
    """Add all pages and their style sheet."""
    app.add_exception_handler(SignInNeededError, needs_sign_in)
    app.add_exception_handler(ConfirmNeededError, needs_confirmation)
    for module in MODULES:
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
