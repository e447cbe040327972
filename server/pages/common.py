"""Parts shared by all pages: the signed-in user, protection of forms, templates, errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from server.dependencies import ContextDep, context_of
from server.domain import Role
from server.hashing import same
from server.pages.words import FILTERS
from server.services.sign_in import SignedIn, change_session, find_session

FOLDER = Path(__file__).resolve().parent.parent
templates = Jinja2Templates(directory=FOLDER / "templates")
SAME_SITE = (None, "same-origin", "none")


class SignInNeededError(Exception):
    """Nobody is signed in; the browser is sent to the sign-in page."""


class ConfirmNeededError(Exception):
    """The password was entered too long ago for this page (S11)."""


def cookie_name(secure: bool) -> str:
    """Name of the session cookie; over TLS, its prefix ties it to this host."""
    return "__Host-elms" if secure else "elms"


def current(request: Request, context: ContextDep) -> SignedIn | None:
    """The signed-in user, or None."""
    token = request.cookies.get(cookie_name(context.settings.secure_cookies))
    signed_in = find_session(context, token)
    request.state.signed_in = signed_in
    return signed_in


Current = Annotated[SignedIn | None, Depends(current)]


def _required(*roles: Role) -> Callable[[SignedIn | None], SignedIn]:
    def require(signed_in: Current) -> SignedIn:
        if signed_in is None:
            raise SignInNeededError
        if signed_in.role not in roles:
            raise HTTPException(403, "You do not have access to this page.")
        return signed_in

    return require


EducatorOnly = Annotated[SignedIn, Depends(_required(Role.EDUCATOR))]
StaffOnly = Annotated[SignedIn, Depends(_required(Role.REPRESENTATIVE, Role.SUPERVISOR))]
SupervisorOnly = Annotated[SignedIn, Depends(_required(Role.SUPERVISOR))]
Anybody = Annotated[SignedIn, Depends(_required(*Role))]


def checked_form(request: Request, signed_in: Anybody, csrf: Annotated[str, Form()] = "") -> None:
    """Refuse a form sent by another site, or without this session's token."""
    check_site(request)
    if not same(csrf, signed_in.csrf):
        raise HTTPException(403, "This form is too old. Please go back, reload, and try again.")


def check_site(request: Request) -> None:
    """Refuse a request from another site, according to the browser (Fetch Metadata)."""
    if request.headers.get("Sec-Fetch-Site") not in SAME_SITE:
        raise HTTPException(403, "The form was sent by another site.")


FormOk = Depends(checked_form)


def educator_of(signed_in: SignedIn) -> int:
    """The educator's ID of a signed-in user."""
    if signed_in.educator_id is None:
        raise HTTPException(403, "There is no license account for this sign-in.")
    return signed_in.educator_id


def page(request: Request, template: str, status_code: int = 200, **values: Any) -> HTMLResponse:
    """Render one page."""
    settings = context_of(request).settings
    shown: dict[str, Any] = {
        "me": getattr(request.state, "signed_in", None),
        "demo": settings.demo,
        "path": request.url.path,
    } | values
    return templates.TemplateResponse(request, template, shown, status_code=status_code)


def go(to: str) -> RedirectResponse:
    """Redirect the browser after a form (303)."""
    return RedirectResponse(to, status_code=303)


def go_saying(request: Request, signed_in: SignedIn, to: str, words: str) -> RedirectResponse:
    """Redirect the browser; the next page shows a message."""
    change_session(context_of(request), signed_in.digest, flash=words)
    return go(to)


async def needs_sign_in(request: Request, _error: Exception) -> Response:
    """Redirect to the sign-in page."""
    return go(f"/sign-in?next={quote(request.url.path)}")


async def needs_confirmation(request: Request, _error: Exception) -> Response:
    """Redirect to the page that asks for the password again."""
    return go(f"/confirm?next={quote(request.url.path)}")


def recognize(request: Request) -> None:
    """Find out who is signed in where no route has, so that an error page keeps the navigation."""
    if not hasattr(request.state, "signed_in"):
        current(request, context_of(request))


def error_page(request: Request, status: int, words: str) -> HTMLResponse:
    """A page that reports an error."""
    return page(request, "error.html", status, status=status, words=words)


@lru_cache(maxsize=128)
def plain_page(status: int, words: str, demo: bool) -> str:
    """The error page for refused requests, rendered once."""
    values = {"me": None, "demo": demo, "path": "", "status": status, "words": words}
    return templates.get_template("error.html").render(values)


def local_path(path: str) -> str:
    """The path if it is one of ours; otherwise the start page."""
    good = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if good and path.isprintable() else "/"


def long_date(day: date | None) -> str:
    """A date such as July 4, 2022."""
    return f"{day:%B} {day.day}, {day.year}" if day else ""


def moment(request: Request) -> Callable[[datetime | None], str]:
    """A filter that writes times in the department's time zone."""
    zone = ZoneInfo(context_of(request).settings.timezone)

    def write(time: datetime | None) -> str:
        if time is None:
            return ""
        local = time.astimezone(zone)
        clock = local.strftime("%I:%M %p").lstrip("0").lower().replace("am", "a.m.")
        return f"{long_date(local.date())}, {clock.replace('pm', 'p.m.')}"

    return write


templates.env.filters |= FILTERS | {"long_date": long_date}
templates.env.globals["moment_of"] = moment
