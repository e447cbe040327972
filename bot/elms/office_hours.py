"""Office hours: whether a person can answer at a given moment."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.settings import Hours


def is_open(hours: Hours, now: datetime) -> bool:
    """Tell whether representatives answer at ``now`` (an aware datetime)."""
    local = now.astimezone(ZoneInfo(hours.timezone))
    return (
        local.date() not in hours.holidays
        and local.weekday() in hours.weekdays
        and hours.opens <= local.time() < hours.closes
    )


def local_date(hours: Hours, now: datetime) -> date:
    """The date at the office at ``now`` (an aware datetime)."""
    return now.astimezone(ZoneInfo(hours.timezone)).date()
