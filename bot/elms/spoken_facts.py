"""Facts from the settings that prompts mention: how to reach the office, and its hours."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from bot.settings import Hours, Settings
from bot.types import Value

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ZONES: Mapping[str, str] = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
}
"""American names of time zones; any other zone is named for its city."""


def spoken_facts(settings: Settings) -> dict[str, Value]:
    """The constants of prompts/, by name."""
    hours, office = settings.hours, settings.office
    return {
        "length": settings.license_number.length,
        "days": spoken_days(hours),
        "opens": f"{hours.opens:%H:%M}",
        "closes": f"{hours.closes:%H:%M}",
        "zone": spoken_zone(hours.timezone),
        "telephone": office.telephone,
        "address": office.address,
        "mail": office.mail,
    }


def spoken_days(hours: Hours) -> str:
    """Return ``on weekdays``, ``Monday through Thursday``, ``on Monday, Wednesday, and Friday``."""
    days = sorted(set(hours.weekdays))
    if days == [0, 1, 2, 3, 4]:
        return "on weekdays"
    if len(days) == len(DAYS):
        return "every day"
    names = [DAYS[day] for day in days]
    if len(days) > 2 and all(after - day == 1 for day, after in pairwise(days)):
        return f"{names[0]} through {names[-1]}"
    if len(names) < 3:
        return f"on {' and '.join(names)}"
    return f"on {', '.join(names[:-1])}, and {names[-1]}"


def spoken_zone(timezone: str) -> str:
    """Return ``Central time``; ``Berlin time`` for Europe/Berlin."""
    city = timezone.rpartition("/")[2].replace("_", " ")
    return f"{ZONES.get(timezone, city)} time"
