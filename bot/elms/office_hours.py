"""Office hours: whether a person can answer at a given moment."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.settings import Hours


def is_open(hours: Hours, now: datetime, holidays: Collection[date] = ()) -> bool:
    """Tell whether representatives answer at ``now`` (an aware datetime)."""
    local = now.astimezone(ZoneInfo(hours.timezone))
    closed = local.date() in holidays or local.date() in hours.holidays
    return (
        not closed
        and local.weekday() in hours.weekdays
        and hours.opens <= local.time() < hours.closes
    )
