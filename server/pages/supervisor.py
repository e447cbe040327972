"""Notices: weeks, office hours, closed days, each heard before it is saved."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from server.context import Context
from server.dependencies import ContextDep
from server.domain import Role
from server.errors import RuleError
from server.pages.common import FormOk, StaffOnly, SupervisorOnly, go_saying, page
from server.pages.prompts import voice_of
from server.services.accounts import current_weeks, holidays
from server.services.announcements import (
    add_holiday,
    checked_holiday,
    checked_weeks,
    remove_holiday,
    set_weeks,
)
from server.services.notice_changes import WEEKDAYS, changes
from server.services.service_texts import (
    checked_hours,
    edited_prompts,
    office_hours,
    set_office_hours,
)
from server.web.policy import WITH_SOUND

router = APIRouter(include_in_schema=False)
Preview = Annotated[bool, Form()]
HOURS = "ELMS_IVR_HOURS__"


@dataclass(frozen=True, slots=True)
class Heard:
    """Return what callers would hear from a form that is not saved yet."""

    form: str
    words: str
    sound: str


@router.get("/notices")
def show_notices(request: Request, context: ContextDep, me: StaffOnly) -> Response:
    """The two weeks and the closed days; supervisors can change them."""
    may_change = me.role == Role.SUPERVISOR
    if may_change:
        voice_of(request).warm()
    return _notices(request, context, may_change)


@router.post("/notices", dependencies=[FormOk])
def save_weeks(
    request: Request,
    context: ContextDep,
    me: SupervisorOnly,
    renewal: Annotated[str, Form(max_length=20)] = "",
    other: Annotated[str, Form(max_length=20)] = "",
    preview: Preview = False,
) -> Response:
    """Announce the two weeks, or let them be heard first."""
    entered = {"renewal": renewal, "other": other}
    try:
        if preview:
            weeks = checked_weeks(context, _day(renewal), _day(other))
            said = [part for queue, day in weeks.items() for part in _week(queue, day)]
            heard = _heard(request, context, "weeks", said)
            return _notices(request, context, True, entered=entered, heard=heard)
        set_weeks(context, _day(renewal), _day(other), me.user_id)
    except RuleError as error:
        return _notices(request, context, True, error, entered)
    return go_saying(request, me, "/notices", "Saved. The next caller will hear the new weeks.")


@router.post("/hours", dependencies=[FormOk])
def save_hours(
    request: Request,
    context: ContextDep,
    me: SupervisorOnly,
    opens: Annotated[str, Form(max_length=20)] = "",
    closes: Annotated[str, Form(max_length=20)] = "",
    weekdays: Annotated[list[int] | None, Form(max_length=7)] = None,
    preview: Preview = False,
) -> Response:
    """Set when representatives answer, or let the hours be heard first."""
    entered = {"opens": opens, "closes": closes, "weekdays": weekdays or []}
    try:
        if preview:
            hours = checked_hours(opens, closes, weekdays or [])
            settings = {f"{HOURS}{name.upper()}": _variable(each) for name, each in hours.items()}
            heard = _heard(request, context, "hours", ["office.hours"], settings)
            return _notices(request, context, True, entered=entered, heard=heard)
        set_office_hours(context, opens, closes, weekdays or [], me.user_id)
    except RuleError as error:
        return _notices(request, context, True, error, entered)
    words = "Saved. The next call goes by these hours. Check the prompts that name them."
    return go_saying(request, me, "/notices", words)


@router.post("/holidays", dependencies=[FormOk])
def save_holiday(
    request: Request,
    context: ContextDep,
    me: SupervisorOnly,
    on: Annotated[str, Form(max_length=20)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    preview: Preview = False,
) -> Response:
    """Add a closed day, or let it be heard first."""
    entered = {"on": on, "name": name}
    try:
        if preview:
            checked_holiday(context, _day(on), name)
            said = ["information.holiday", f"day={_day(on)}"]
            heard = _heard(request, context, "holidays", said)
            return _notices(request, context, True, entered=entered, heard=heard)
        add_holiday(context, _day(on), name, me.user_id)
    except RuleError as error:
        return _notices(request, context, True, error, entered)
    return go_saying(request, me, "/notices", "The closed day has been added.")


@router.post("/holidays/remove", dependencies=[FormOk])
def drop_holiday(
    request: Request,
    context: ContextDep,
    me: SupervisorOnly,
    on: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Cancel a closed day."""
    try:
        remove_holiday(context, _day(on), me.user_id)
    except RuleError as error:
        return _notices(request, context, True, error)
    return go_saying(request, me, "/notices", "The closed day has been removed.")


def _notices(
    request: Request,
    context: Context,
    may_change: bool,
    problem: RuleError | None = None,
    entered: Mapping[str, Any] | None = None,
    heard: Heard | None = None,
) -> Response:
    """Render the page; its fields keep entries that were refused, or are only heard so far."""
    with context.database.read() as session:
        weeks = current_weeks(session)
        days = holidays(session)
        hours = office_hours(session)
        made = changes(session)
    response = page(
        request,
        "notices.html",
        problem.status if problem else 200,
        weeks=weeks,
        days=days,
        hours=hours,
        weekday_names=WEEKDAYS,
        may_change=may_change,
        problem=problem and str(problem),
        entered=entered or {},
        heard=heard,
        changes=made,
    )
    if heard is not None:
        response.headers["Content-Security-Policy"] = WITH_SOUND
    return response


def _heard(
    request: Request,
    context: Context,
    form: str,
    said: Sequence[str],
    settings: Mapping[str, str] | None = None,
) -> Heard:
    """Prompts in the voice and the edited texts of the next call. Raises RuleError."""
    with context.database.read() as session:
        edited = edited_prompts(session)
    told = voice_of(request).announcement(said, edited, settings)
    return Heard(form, told.heard, base64.b64encode(told.sound).decode("ascii"))


def _week(queue: str, day: date) -> tuple[str, str]:
    return f"status.queue_{queue}", f"week={day}"


def _variable(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleError("Please enter a valid date.") from None
