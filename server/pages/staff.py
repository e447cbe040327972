"""Staff accounts, for supervisors who have just entered their password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from server.context import Context
from server.dependencies import ContextDep
from server.errors import RuleError
from server.pages.common import ConfirmNeededError, FormOk, SupervisorOnly, go_saying, page
from server.services import staff
from server.services.sign_in import SignedIn

ADDRESS = "/staff"
router = APIRouter(prefix=ADDRESS, include_in_schema=False)
UserField = Annotated[int, Form(alias="user", ge=1, lt=2**31)]
TextField = Annotated[str, Form(max_length=200)]


def _fresh(me: SupervisorOnly) -> SignedIn:
    if not me.fresh:
        raise ConfirmNeededError
    return me


FreshSupervisor = Annotated[SignedIn, Depends(_fresh)]


@router.get("")
def show(request: Request, context: ContextDep, me: FreshSupervisor) -> Response:
    """Everybody, and the form to add somebody."""
    return _staff(request, context)


@router.post("/add", dependencies=[FormOk])
def add(
    request: Request,
    context: ContextDep,
    me: FreshSupervisor,
    username: TextField = "",
    name: TextField = "",
    role: TextField = "",
) -> Response:
    """Add somebody, and show the password once."""
    try:
        password = staff.add_with_password(context, me, username, name, role)
    except RuleError as error:
        return _staff(request, context, problem=str(error))
    return _staff(request, context, made=(username.strip(), password))


@router.post("/password", dependencies=[FormOk])
def password(
    request: Request, context: ContextDep, me: FreshSupervisor, user: UserField
) -> Response:
    """Replace a password, and show the new one once."""
    try:
        made = staff.new_password(context, me, user)
    except RuleError as error:
        return _staff(request, context, problem=str(error))
    named = next(each.username for each in staff.staff(context) if each.id == user)
    return _staff(request, context, made=(named, made))


@router.post("/role", dependencies=[FormOk])
def role(
    request: Request,
    context: ContextDep,
    me: FreshSupervisor,
    user: UserField,
    role: TextField = "",
) -> Response:
    """Give somebody another role."""
    try:
        staff.set_role(context, me, user, role)
    except RuleError as error:
        return _staff(request, context, problem=str(error))
    return go_saying(request, me, ADDRESS, "The role has been changed, and the person signed out.")


@router.post("/disable", dependencies=[FormOk])
def disable(
    request: Request,
    context: ContextDep,
    me: FreshSupervisor,
    user: UserField,
    disabled: Annotated[bool, Form()] = True,
) -> Response:
    """Shut somebody out, or let them in again."""
    try:
        staff.set_disabled(context, me, user, disabled)
    except RuleError as error:
        return _staff(request, context, problem=str(error))
    words = "The account is disabled, and signed out." if disabled else "The account works again."
    return go_saying(request, me, ADDRESS, words)


@router.post("/sign-out", dependencies=[FormOk])
def sign_out(
    request: Request, context: ContextDep, me: FreshSupervisor, user: UserField
) -> Response:
    """Sign somebody out of every browser."""
    try:
        staff.end_sessions(context, me, user)
    except RuleError as error:
        return _staff(request, context, problem=str(error))
    return go_saying(request, me, ADDRESS, "The person has been signed out everywhere.")


def _staff(
    request: Request,
    context: Context,
    problem: str | None = None,
    made: tuple[str, str] | None = None,
) -> Response:
    return page(
        request,
        "staff.html",
        422 if problem else 200,
        people=staff.staff(context),
        roles=staff.STAFF_ROLES,
        problem=problem,
        made=made,
    )
