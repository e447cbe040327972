"""Signing in, signing out, and confirming the password."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException, Query, Request
from starlette.responses import Response

from server.context import Context
from server.dependencies import ContextDep
from server.domain import Role
from server.errors import RuleError, TooManyError
from server.hashing import new_token, same
from server.pages.common import (
    Anybody,
    Current,
    FormOk,
    check_site,
    cookie_name,
    go,
    local_path,
    page,
)
from server.seed.demonstration import ACCOUNTS, PASSWORD
from server.services import browsers
from server.services.password_tries import Origin
from server.services.sign_in import close_session, confirm, find_session, sign_in
from server.web.addresses import address_key

router = APIRouter(include_in_schema=False)
DEMO_EDUCATORS = tuple(
    next(account.license_number for account in ACCOUNTS if bool(account.pin) is has_pin)
    for has_pin in (True, False)
)
FORM_COOKIE = "elms-form"
Next = Annotated[str, Query(alias="next", max_length=500)]
NextField = Annotated[str, Form(alias="next", max_length=500)]


@router.get("/")
def start(signed_in: Current) -> Response:
    """Redirect to the first page of the user's role, or to the sign-in page."""
    if signed_in is None:
        return go("/sign-in")
    return go("/home" if signed_in.role == Role.EDUCATOR else "/desk")


@router.get("/sign-in")
def show_sign_in(
    request: Request, context: ContextDep, signed_in: Current, to: Next = "/"
) -> Response:
    """The sign-in page."""
    if signed_in is not None:
        return go(local_path(to))
    return _sign_in_page(request, context, local_path(to))


@router.post("/sign-in")
def do_sign_in(
    request: Request,
    context: ContextDep,
    username: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    form: Annotated[str, Form(max_length=100)] = "",
    to: NextField = "/",
) -> Response:
    """Open a session, or show the sign-in page with the error."""
    check_site(request)
    if not form or not same(form, request.cookies.get(FORM_COOKIE, "")):
        raise HTTPException(403, "This form is too old. Please go back, reload, and try again.")
    to = local_path(to)
    username = username.strip().replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL has no NUL
    try:
        token = sign_in(context, username, password, _origin(request, context, username))
    except TooManyError as error:
        response = _sign_in_page(request, context, to, str(error), username, 429)
        response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    except RuleError as error:
        return _sign_in_page(request, context, to, str(error), username, 403)
    response = go(to)
    set_session_cookie(context, response, token)
    return response


@router.post("/sign-out", dependencies=[FormOk])
def sign_out(context: ContextDep, signed_in: Anybody) -> Response:
    """Close the session."""
    close_session(context, signed_in.digest)
    response = go("/sign-in")
    response.delete_cookie(cookie_name(context.settings.secure_cookies), path="/")
    return response


@router.get("/confirm")
def show_confirm(request: Request, signed_in: Anybody, to: Next = "/") -> Response:
    """Ask for the password again."""
    if not signed_in.local:
        return go(f"/sso?again=1&next={quote(local_path(to))}")
    return page(request, "confirm.html", next=local_path(to))


@router.post("/confirm", dependencies=[FormOk])
def do_confirm(
    request: Request,
    context: ContextDep,
    signed_in: Anybody,
    password: Annotated[str, Form(max_length=200)] = "",
    to: NextField = "/",
) -> Response:
    """Check the confirmed password."""
    to = local_path(to)
    try:
        confirm(context, signed_in, password)
    except TooManyError as error:
        response = page(request, "confirm.html", 429, next=to, problem=str(error))
        response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    except RuleError:
        words = "The password is incorrect."
        return page(request, "confirm.html", 403, next=to, problem=words)
    return go(to)


def _origin(request: Request, context: Context, username: str) -> Origin:
    """The origin of a password, for its limits."""
    host = request.client.host if request.client else ""
    return Origin(address_key(host), browsers.known_for(context, request.cookies, username))


def set_session_cookie(context: Context, response: Response, token: str) -> None:
    """Set the session cookie, hidden from scripts, and mark the browser as known."""
    opened = find_session(context, token)
    if opened is not None:
        browsers.remember(context, response, opened.username)
    secure = context.settings.secure_cookies
    response.set_cookie(
        cookie_name(secure), token, path="/", httponly=True, secure=secure, samesite="lax"
    )


def _sign_in_page(
    request: Request,
    context: Context,
    to: str,
    problem: str | None = None,
    username: str = "",
    status: int = 200,
) -> Response:
    form = new_token()
    response = page(
        request,
        "sign_in.html",
        status,
        form=form,
        next=to,
        problem=problem,
        username=username,
        sso=context.settings.sso.label if context.settings.sso.issuer else None,
        demo_password=PASSWORD,
        demo_accounts=DEMO_EDUCATORS,
    )
    response.set_cookie(
        FORM_COOKIE,
        form,
        path="/sign-in",
        httponly=True,
        secure=context.settings.secure_cookies,
        samesite="strict",
    )
    return response
