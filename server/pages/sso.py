"""Signing in through the department's identity provider."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import RedirectResponse, Response

from server.context import Context
from server.dependencies import ContextDep
from server.errors import RuleError, SignInAwayError
from server.pages.common import Current, cookie_name, error_page, go, local_path
from server.pages.sign_in import set_session_cookie
from server.services.sign_in import close_session, open_session
from server.services.sso import FLOW_SECONDS, Answer, begin, finish

router = APIRouter(prefix="/sso", include_in_schema=False)


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
    except RuleError as error:  # unreachable or faulty provider
        return error_page(request, 503, str(error))
    response = RedirectResponse(started.address, status_code=303)
    response.set_cookie(
        _flow_cookie(context),
        started.cookie,
        max_age=FLOW_SECONDS,
        path="/",
        httponly=True,
        secure=context.settings.secure_cookies,
        samesite="lax",
    )
    return response


@router.get("/callback")
def callback(
    request: Request,
    context: ContextDep,
    signed_in: Current,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4_000)] = "",
    iss: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Finish the sign-in when the browser comes back, and open a session."""
    if context.settings.sso.issuer is None:
        raise HTTPException(404, "There is no single sign-on here.")
    kept = request.cookies.get(_flow_cookie(context), "")
    try:
        done = finish(context, kept, Answer(state, code, iss))
    except SignInAwayError as error:
        return error_page(request, 503, str(error))
    except RuleError as error:
        return error_page(request, 403, str(error))
    if signed_in is not None:
        close_session(context, signed_in.digest)
    response = go(local_path(done.to))
    set_session_cookie(context, response, open_session(context, done.user_id, done.proved_at))
    response.delete_cookie(_flow_cookie(context), path="/")
    return response


def _flow_cookie(context: Context) -> str:
    """Name of the cookie; over TLS, no other host can set it, as for the session cookie."""
    return f"{cookie_name(context.settings.secure_cookies)}-sso"
