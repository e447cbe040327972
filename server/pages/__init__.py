"""The web pages: thin routes, server-rendered, without a script."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from server.pages import department, desk, educator, people, sso
from server.pages.frame import (
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
    for module in (people, educator, desk, department, sso):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
