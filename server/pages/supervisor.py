"""Notices: weeks, office hours, closed days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from server.context import Context
from server.dependencies import ContextDep
from server.domain import Role
from server.errors import RuleError
from server.pages.common import FormOk, StaffOnly, SupervisorOnly, go_saying, page
from server.services.accounts import current_weeks, holidays
from server.services.announcements import add_holiday, remove_holiday, set_weeks
from server.services.service_texts import office_hours, set_office_hours

router = APIRouter(include_in_schema=False)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@router.get("/notices")
def show_notices(request: Request, context: ContextDep, me: StaffOnly) -> Response:
    """The two weeks and the closed days; supervisors can change them."""
    return _notices(request, context, me.role == Role.SUPERVISOR)


@router.post("/notices", dependencies=[FormOk])
def save_weeks(
    request: Request,
    context: ContextDep,
    me: SupervisorOnly,
    renewal: Annotated[str, Form(max_length=20)] = "",
    other: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Announce the two weeks."""
    try:
        set_weeks(context, _day(renewal), _day(other), me.user_id)
    except RuleError as error:
        return _notices(request, context, True, str(error), {"renewal": renewal, "other": other})
    return go_saying(request, me, "/notices", "Saved. The next caller will hear the new weeks.")


@router.post("/hours", dependencies=[FormOk])
def save_hours(
    request: Request,
    context: ContextDep,
    me: SupervisorOnly,
    opens: Annotated[str, Form(max_length=20)] = "",
    closes: Annotated[str, Form(max_length=20)] = "",
    weekdays: Annotated[list[int] | None, Form(max_length=7)] = None,
) -> Response:
    """Set when representatives answer."""
    try:
        set_office_hours(context, opens, closes, weekdays or [], me.user_id)
    except RuleError as error:
        return _notices(request, context, True, str(error))
    words = "Saved. The next call goes by these hours. Check the prompts that name them."
    return go_saying(request, me, "/notices", words)


@router.post("/holidays", dependencies=[FormOk])
def save_holiday(
    request: Request,
    context: ContextDep,
    me: SupervisorOnly,
    on: Annotated[str, Form(max_length=20)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Add a closed day."""
    try:
        add_holiday(context, _day(on), name, me.user_id)
    except RuleError as error:
        return _notices(request, context, True, str(error), {"on": on, "name": name})
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
        return _notices(request, context, True, str(error))
    return go_saying(request, me, "/notices", "The closed day has been removed.")


def _notices(
    request: Request,
    context: Context,
    may_change: bool,
    problem: str | None = None,
    entered: Mapping[str, str] | None = None,
) -> Response:
    """Render the page; its fields keep entries that were refused."""
    with context.database.read() as session:
        weeks = current_weeks(session)
        days = holidays(session)
        hours = office_hours(session)
    return page(
        request,
        "notices.html",
        422 if problem else 200,
        weeks=weeks,
        days=days,
        hours=hours,
        weekday_names=WEEKDAYS,
        may_change=may_change,
        problem=problem,
        entered=entered or {},
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleError("Please enter a valid date.") from None
