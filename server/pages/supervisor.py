"""Notices, stored calls, and their statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from starlette.responses import Response

from server.context import Context
from server.dependencies import ContextDep
from server.domain import Role
from server.errors import RuleError
from server.models import Call
from server.pages.common import FormOk, StaffOnly, SupervisorOnly, go_saying, page
from server.pages.plots import bars, stacked, timeline
from server.services.accounts import current_weeks, holidays
from server.services.announcements import add_holiday, remove_holiday, set_weeks
from server.services.call_statistics import OUTCOMES, figures

router = APIRouter(include_in_schema=False)
PER_PAGE, FURTHEST_PAGE = 50, 10_000
PageNumber = Annotated[int, Query(alias="page", ge=1, le=FURTHEST_PAGE)]


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


@router.get("/calls")
def show_calls(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    outcome: Annotated[str, Query(max_length=20)] = "",
    number: PageNumber = 1,
) -> Response:
    """Stored calls, newest first."""
    return _calls(request, context, Search(outcome=outcome, page=number))


@router.post("/calls", dependencies=[FormOk])
def search_calls(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    q: Annotated[str, Form(max_length=80)] = "",
    outcome: Annotated[str, Form(max_length=20)] = "",
    number: Annotated[int, Form(alias="page", ge=1, le=FURTHEST_PAGE)] = 1,
) -> Response:
    """The results of a search, one page at a time.

    The search term is usually a license number, so it is sent as a form: URLs stay in browser
    histories and proxy logs.
    """
    return _calls(request, context, Search(q.strip(), outcome, number))


@dataclass(frozen=True, slots=True)
class Search:
    """A search for calls, and the page to show."""

    words: str = ""
    outcome: str = ""
    page: int = 1


def _calls(request: Request, context: Context, search: Search) -> Response:
    query = select(Call)
    if search.words.isprintable() and search.words:
        mine = (Call.license_number == search.words) | (Call.call_id == search.words)
        query = query.where(mine)
    if search.outcome in OUTCOMES:
        query = query.where(Call.outcome == search.outcome)
    with context.database.read() as session:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        calls = session.scalars(
            query.order_by(Call.started_at.desc(), Call.id.desc())
            .limit(PER_PAGE)
            .offset((search.page - 1) * PER_PAGE)
        ).all()
    return page(
        request,
        "calls.html",
        calls=calls,
        total=total,
        search=search,
        pages=max(1, -(-total // PER_PAGE)),
        outcomes=OUTCOMES,
    )


@router.get("/calls/{call_id}")
def show_call(request: Request, context: ContextDep, me: StaffOnly, call_id: str) -> Response:
    """One call's time line."""
    with context.database.read() as session:
        call = session.scalars(
            select(Call).where(Call.call_id == call_id).options(selectinload(Call.turns))
        ).one_or_none()
    if call is None:
        raise HTTPException(404, "This call does not exist.")
    return page(request, "call.html", call=call, drawing=timeline(call))


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
