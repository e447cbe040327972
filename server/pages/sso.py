"""Signing in through the department's own provider."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from server.dependencies import ContextDep
from server.errors import RuleError
from server.pages.common import error_page, go, local_path
from server.pages.sign_in import set_session_cookie
from server.services.sign_in import open_session
from server.services.sso import FLOW_SECONDS, Answer, begin, finish

router = APIRouter(prefix="/sso", include_in_schema=False)
COOKIE = "elms-sso"


@router.get("")
def start(
    request: Request,
    context: ContextDep,
    to: Annotated[str, Query(alias="next", max_length=500)] = "/",
    again: bool = False,
) -> Response:
    """Send the browser to the provider."""
    if context.settings.sso.issuer is None:
        raise HTTPException(404, "There is no single sign-on here.")
    try:
        started = begin(context, local_path(to), again)
    except RuleError as error:
        return error_page(request, 503, str(error))
    response = RedirectResponse(started.address, status_code=303)
    response.set_cookie(
        COOKIE,
        started.cookie,
        max_age=FLOW_SECONDS,
        path="/sso",
        httponly=True,
        secure=context.settings.secure_cookies,
        samesite="lax",
    )
    return response


@router.get("/callback")
def callback(
    request: Request,
    context: ContextDep,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4_000)] = "",
    iss: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Take the browser back and open a session."""
    if context.settings.sso.issuer is None:
        raise HTTPException(404, "There is no single sign-on here.")
    try:
        user_id, to = finish(context, request.cookies.get(COOKIE, ""), Answer(state, code, iss))
    except RuleError as error:
        return error_page(request, 403, str(error))
    response = go(local_path(to))
    set_session_cookie(context, response, open_session(context, user_id))
    response.delete_cookie(COOKIE, path="/sso")
    return response
