"""Errors as RFC 9457 problem details for programs, and as pages for people.

Neither quotes the request, and neither has a traceback.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from server.database import one_line
from server.errors import BusyError, ServerError, TooManyError
from server.pages.common import error_page, plain_page, recognize
from server.settings import Settings
from server.web.callers import Kind
from server.web.problem import problem

log = structlog.get_logger("elms.server")
RETRY_AFTER_S = 5
KIB = 1_024
LENGTH = b"content-length"
CONTRACT = "the request does not match the contract"
PROGRAMS = ("/api/", "/health", "/ready", "/metrics")


def answer(
    request: Request,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: list[dict[str, str]] | None = None,
) -> Response:
    """A problem document for the API, a page for everything else."""
    if _by_program(request):
        return problem(status, detail, headers, errors)
    shown = error_page(request, status, detail)
    shown.headers.update(headers or {})
    return shown


def _by_program(request: Request) -> bool:
    return request.url.path.startswith(PROGRAMS)


async def _recognized(request: Request) -> None:
    """Look up who is signed in, off the event loop; without a database nobody is."""
    if not _by_program(request):
        with suppress(DBAPIError, PoolTimeoutError):
            await run_in_threadpool(recognize, request)


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every exception of an API route into a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeoutError, _database)
    app.add_exception_handler(ServerError, _rule)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows for the type checker
    await _recognized(request)
    return answer(request, error.status_code, str(error.detail), error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - narrows
    await _recognized(request)
    return answer(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        CONTRACT if _by_program(request) else "This address or form has a part that does not fit.",
        errors=[
            {"at": "/".join(str(part) for part in each["loc"]), "problem": each["type"]}
            for each in error.errors()
        ],
    )


async def _database(request: Request, error: Exception) -> Response:
    cause = one_line(error) if isinstance(error, DBAPIError) else "no free connection"
    log.error("database.fault", cause=cause)
    return answer(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "the database does not respond; try again",
        {"Retry-After": str(RETRY_AFTER_S)},
    )


async def _rule(request: Request, error: Exception) -> Response:
    if isinstance(error, TooManyError):
        wait = {"Retry-After": str(error.retry_after_s)}
        return answer(request, HTTPStatus.TOO_MANY_REQUESTS, str(error), wait)
    if isinstance(error, BusyError):
        wait = {"Retry-After": str(RETRY_AFTER_S)}
        return answer(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error), wait)
    log.error("server.fault", cause=str(error))
    return answer(request, HTTPStatus.SERVICE_UNAVAILABLE, "the service is not ready")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Response to a request that is not processed; ``why`` labels it in metrics and logs."""

    status: int
    words: str
    why: str
    headers: Mapping[str, str] = field(default_factory=dict)


async def refuse(scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
    """Refuse a request; a stranger's after a pause.

    Without the pause, clients that retry at once would keep the service busy refusing them. The
    connection stays open, since a new one costs more than the next refusal, unless that would mean
    reading a long body.
    """
    scope["refused"] = refusal.why
    app: FastAPI = scope["app"]
    settings: Settings = app.state.context.settings
    headers = dict(refusal.headers)
    if scope["state"]["caller"].kind is Kind.STRANGER:
        await asyncio.sleep(settings.network.refused_s)
        if body_length(scope) > settings.network.form_kib * KIB:
            headers["Connection"] = "close"
    response: Response
    if scope["path"].startswith(PROGRAMS):
        response = problem(refusal.status, refusal.words, headers)
    else:
        page = plain_page(refusal.status, refusal.words, settings.demo)
        response = HTMLResponse(page, refusal.status, headers)
    await response(scope, receive, send)


def body_length(scope: Scope) -> int:
    """The Content-Length of a request in bytes; 0 if missing."""
    return int(next((value for name, value in scope["headers"] if name == LENGTH), 0))


async def fault(request: Request, error: Exception) -> Response:
    """Response to an unexpected exception."""
    route = getattr(request.scope.get("route"), "path", "unmatched")
    log.error("fault", kind=type(error).__name__, route=route)
    return answer(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal error; please try again later"
    )
