"""The page to change one's own password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from starlette.responses import Response

from server.dependencies import ContextDep
from server.errors import RuleError
from server.pages.common import Anybody, ConfirmNeededError, FormOk, go_saying, page
from server.services.own_password import set_own_password
from server.services.sign_in import SignedIn
from server.services.staff import SHORTEST

router = APIRouter(prefix="/password", include_in_schema=False)
PasswordField = Annotated[str, Form(max_length=1_000)]


def _local(me: Anybody) -> SignedIn:
    """Somebody with a password here, who has just entered it."""
    if not me.local:
        raise HTTPException(403, "Your password is managed by the department's single sign-on.")
    if not me.fresh:
        raise ConfirmNeededError
    return me


Local = Annotated[SignedIn, Depends(_local)]


@router.get("")
def show(request: Request, me: Local) -> Response:
    """The form."""
    return page(request, "password.html", shortest=SHORTEST)


@router.post("", dependencies=[FormOk])
def save(
    request: Request,
    context: ContextDep,
    me: Local,
    password: PasswordField = "",
    again: PasswordField = "",
) -> Response:
    """Change the password, or say why not; the entry is never shown again."""
    try:
        set_own_password(context, me, password, again)
    except RuleError as error:
        return page(request, "password.html", 422, shortest=SHORTEST, problem=str(error))
    return go_saying(request, me, "/password", "Your password has been changed.")
