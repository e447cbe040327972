"""The web pages: thin routes, rendered on the server, without scripts."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.routing import BaseRoute

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


def page_routes() -> list[BaseRoute]:
    """The routes of all pages."""
    return [route for module in MODULES for route in module.router.routes]


def add_pages(app: FastAPI) -> None:
    """Add what the pages need beside their routes: the style sheet, and the way to sign in."""
    app.add_exception_handler(SignInNeededError, needs_sign_in)
    app.add_exception_handler(ConfirmNeededError, needs_confirmation)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
