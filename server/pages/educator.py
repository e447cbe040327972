"""An educator's pages: Home, Set PIN, My Credentials, Correspondence."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, HTTPException, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from server.dependencies import ContextDep
from server.domain import NoticeKind
from server.errors import RuleError
from server.models import Educator, Letter
from server.pages.common import (
    ConfirmNeededError,
    EducatorOnly,
    FormOk,
    educator_of,
    go,
    go_saying,
    page,
)
from server.services.accounts import account_of, current_weeks
from server.services.outbox import deliver
from server.services.pins import set_pace, set_pin, standing, unlock

router = APIRouter(include_in_schema=False)
SAID = {
    NoticeKind.PIN_SET: "Your Educator PIN has been set.",
    NoticeKind.PIN_CHANGED: "Your Educator PIN has been updated. The old PIN no longer works.",
}


@router.get("/home")
def home(request: Request, context: ContextDep, me: EducatorOnly) -> Response:
    """The Home Page with the PIN banner."""
    educator_id = educator_of(me)
    with context.database.read() as session:
        phone = standing(context, session, educator_id)
        account = account_of(session, educator_id, context.today(), context.settings.expiring_days)
        weeks = current_weeks(session)
        number = _number(session, educator_id)
    return page(request, "home.html", phone=phone, account=account, weeks=weeks, number=number)


@router.get("/pin")
def show_pin(request: Request, context: ContextDep, me: EducatorOnly) -> Response:
    """The page to set or change the PIN; requires a recent password (S11)."""
    if not me.fresh:
        raise ConfirmNeededError
    with context.database.read() as session:
        phone = standing(context, session, educator_of(me))
        number = _number(session, educator_of(me))
    return page(request, "pin.html", phone=phone, number=number)


@router.post("/pin", dependencies=[FormOk])
def save_pin(
    request: Request,
    context: ContextDep,
    me: EducatorOnly,
    later: BackgroundTasks,
    pin: Annotated[str, Form(max_length=20)] = "",
    again: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Save the PIN, or say why it is refused; the entry is never shown again."""
    if not me.fresh:
        raise ConfirmNeededError
    educator_id = educator_of(me)
    try:
        kind = set_pin(context, educator_id, pin.strip(), again.strip(), me.actor)
    except RuleError as error:
        with context.database.read() as session:
            phone = standing(context, session, educator_id)
            number = _number(session, educator_id)
        return page(request, "pin.html", 422, phone=phone, number=number, problem=str(error))
    later.add_task(deliver, context)
    return _then(go_saying(request, me, "/home", SAID[kind]), later)


@router.post("/unlock", dependencies=[FormOk])
def unlock_phone(
    request: Request, context: ContextDep, me: EducatorOnly, later: BackgroundTasks
) -> Response:
    """Unlock the telephone."""
    if not me.fresh:
        return go("/confirm?next=/home")
    if not unlock(context, educator_of(me), me.actor):
        return go("/home")
    later.add_task(deliver, context)
    return _then(go_saying(request, me, "/home", "Telephone access is unlocked."), later)


@router.post("/pace", dependencies=[FormOk])
def save_pace(
    request: Request,
    context: ContextDep,
    me: EducatorOnly,
    pace: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Set the pace of the telephone's speech."""
    try:
        set_pace(context, educator_of(me), pace, me.actor)
    except RuleError as error:
        raise HTTPException(422, str(error)) from None
    return go_saying(request, me, "/home", "Your telephone pace has been saved.")


@router.get("/credentials")
def credentials(request: Request, context: ContextDep, me: EducatorOnly) -> Response:
    """My Credentials: the same facts as on the telephone."""
    with context.database.read() as session:
        account = account_of(
            session, educator_of(me), context.today(), context.settings.expiring_days
        )
        weeks = current_weeks(session)
        number = _number(session, educator_of(me))
    return page(
        request,
        "credentials.html",
        account=account,
        weeks=weeks,
        number=number,
        today=context.today(),
    )


@router.get("/correspondence")
def correspondence(request: Request, context: ContextDep, me: EducatorOnly) -> Response:
    """Letters, newest first."""
    with context.database.read() as session:
        letters = session.scalars(
            select(Letter)
            .where(Letter.educator_id == educator_of(me))
            .order_by(Letter.sent.desc(), Letter.id.desc())
        ).all()
    return page(request, "correspondence.html", letters=letters)


def _number(session: Session, educator_id: int) -> str:
    """The license number, which need not be the user name of single sign-on."""
    return session.get_one(Educator, educator_id).license_number


def _then(response: Response, later: BackgroundTasks) -> Response:
    response.background = later
    return response
