"""Notices, and the statistics of calls."""

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
from server.pages.plots import bars, stacked
from server.services.accounts import current_weeks, holidays
from server.services.announcements import add_holiday, remove_holiday, set_weeks
from server.services.call_statistics import OUTCOMES, figures

router = APIRouter(include_in_schema=False)


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


@router.get("/figures")
def show_figures(request: Request, context: ContextDep, me: StaffOnly) -> Response:
    """Statistics of the last thirty days."""
    with context.database.read() as session:
        found = figures(session, context.now(), context.settings.timezone)
    days = {f"{day:%b} {day.day}": counts for day, counts in found.by_day.items()}
    hours = {
        f"{hour % 12 or 12} {'a.m.' if hour < 12 else 'p.m.'}": found.by_hour[hour]
        for hour in sorted(found.by_hour)
    }
    return page(
        request,
        "figures.html",
        figures=found,
        days=days,
        hours=hours,
        by_day=stacked(days, OUTCOMES),
        by_hour=stacked(hours, OUTCOMES),
        confidence={each.field: bars(each.buckets) for each in found.fields if any(each.buckets)},
        outcomes=OUTCOMES,
    )


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
    return page(
        request,
        "notices.html",
        422 if problem else 200,
        weeks=weeks,
        days=days,
        may_change=may_change,
        problem=problem,
        entered=entered or {},
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleError("Please enter a valid date.") from None
