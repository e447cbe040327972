"""Office hours: tells whether a person can answer at a given moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.settings import Hours

MOST_CLOSED_DAYS = 30
"""No office is closed for longer than this."""


def is_open(hours: Hours, now: datetime) -> bool:
    """Return True if representatives answer at ``now`` (an aware datetime)."""
    local = now.astimezone(ZoneInfo(hours.timezone))
    return (
        local.date() not in hours.holidays
        and local.weekday() in hours.weekdays
        and hours.opens <= local.time() < hours.closes
    )


def next_working_day(hours: Hours, after: date, holidays: Collection[date]) -> date:
    """Return the first day after this one on which the office is open; in a week if none is."""
    ahead = [after + timedelta(days=days) for days in range(1, MOST_CLOSED_DAYS)]
    working = (day for day in ahead if day.weekday() in hours.weekdays and day not in holidays)
    return next(working, after + timedelta(days=7))


def local_date(hours: Hours, now: datetime) -> date:
    """Return the date at the office at ``now`` (an aware datetime)."""
    return now.astimezone(ZoneInfo(hours.timezone)).date()
