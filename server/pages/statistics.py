"""Statistics of calls in a range of days, beside the range before it; as a page and as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from server.context import Context
from server.dependencies import ContextDep
from server.pages.common import StaffOnly, page
from server.pages.plots import bars, shares, stacked
from server.services.call_statistics import DAYS, OUTCOMES, Figures, Range, figures, last_days

router = APIRouter(include_in_schema=False)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONGEST = 366
QUICK = (7, 30, 90)
"""Ranges of so many days have a link."""
From = Annotated[str, Query(alias="from", max_length=10)]
To = Annotated[str, Query(alias="to", max_length=10)]


@router.get("/figures")
def show_figures(
    request: Request,
    context: ContextDep,
    me: StaffOnly,
    first: From = "",
    last: To = "",
) -> Response:
    """Statistics of a range, by default of the last thirty days."""
    chosen, problem = _range(context, first, last)
    found, before = _both(context, chosen)
    days = {f"{day:%b} {day.day}": counts for day, counts in found.by_day.items()}
    hours = {_hour(hour): counts for hour, counts in found.by_hour.items()}
    weekdays = {WEEKDAYS[day]: counts for day, counts in found.by_weekday.items()}
    return page(
        request,
        "figures.html",
        422 if problem else 200,
        figures=found,
        before=before,
        days=days,
        hours=hours,
        weekdays=weekdays,
        by_day=stacked(days, OUTCOMES),
        by_hour=stacked(hours, OUTCOMES),
        by_weekday=stacked(weekdays, OUTCOMES),
        confidence={each.field: bars(each.buckets) for each in found.fields if any(each.buckets)},
        certainty=shares([(each.reached, each.turns) for each in found.certainty]),
        outcomes=OUTCOMES,
        quick=[(each, last_days(context.now(), context.settings.timezone, each)) for each in QUICK],
        problem=problem,
    )


@router.get("/figures.csv")
def export(
    context: ContextDep,
    me: StaffOnly,
    first: From = "",
    last: To = "",
) -> Response:
    """Calls of each day by outcome, for a spreadsheet; nothing about a single caller."""
    chosen, _ = _range(context, first, last)
    with context.database.read() as session:
        found = figures(session, chosen, context.settings.timezone)
    return Response(
        _csv(found.by_day),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="calls-{chosen.first}-{chosen.last}.csv"'
        },
    )


def _csv(by_day: Mapping[date, Counter[str]]) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("day", "calls", *OUTCOMES))
    for day, counts in by_day.items():
        rows.writerow((day.isoformat(), counts.total(), *(counts[name] for name in OUTCOMES)))
    return text.getvalue()


def _both(context: Context, chosen: Range) -> tuple[Figures, Figures]:
    """The figures of a range, and of the one before it."""
    zone = context.settings.timezone
    with context.database.read() as session:
        return figures(session, chosen, zone), figures(session, chosen.before, zone)


def _range(context: Context, first: str, last: str) -> tuple[Range, str | None]:
    """The range that was asked for, or the usual one and what is wrong."""
    usual = last_days(context.now(), context.settings.timezone, DAYS)
    if not first and not last:
        return usual, None
    try:
        asked = Range(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return usual, "Please choose the first and the last day."
    if asked.first.year < 2000 or not 1 <= asked.days <= LONGEST:
        return usual, f"Please choose 1 to {LONGEST} days, the first one first."
    return asked, None


def _hour(hour: int) -> str:
    return f"{hour % 12 or 12} {'a.m.' if hour < 12 else 'p.m.'}"
