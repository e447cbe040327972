"""The web pages: thin routes, rendered on the server, without scripts."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from server.pages import call_backs, educator, representative, sign_in, sso, supervisor
from server.pages.common import (
    FOLDER,
    ConfirmNeededError,
    SignInNeededError,
    needs_confirmation,
    needs_sign_in,
)


def add_pages(app: FastAPI) -> None:
    """Add all pages and their style sheet."""
    app.add_exception_handler(SignInNeededError, needs_sign_in)
    app.add_exception_handler(ConfirmNeededError, needs_confirmation)
    for module in (sign_in, educator, representative, call_backs, supervisor, sso):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
