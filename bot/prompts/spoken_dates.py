"""Days and times of day in words, as Americans say them."""

from __future__ import annotations

from datetime import date

from bot.numerals import cardinal, ordinal, year

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


def say_date(day: date, with_year: bool = True) -> str:
    """``March third, twenty twenty-two``."""
    said = f"{MONTHS[day.month - 1]} {ordinal(day.day)}"
    return f"{said}, {year(day.year)}" if with_year else said


def say_time(hour: int, minute: int) -> str:
    """``eight in the morning``, ``noon``, ``five thirty in the afternoon``; 24-hour input."""
    if minute == 0 and hour % 12 == 0:
        return "noon" if hour else "midnight"
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"{say_clock((hour - 1) % 12 + 1, minute)} in the {part}"


def say_clock(hour: int, minute: int) -> str:
    """The hour and minute as a clock shows them: ``eight``, ``nine zero five``."""
    if minute == 0:
        return cardinal(hour)
    zero = "zero " if minute < 10 else ""
    return f"{cardinal(hour)} {zero}{cardinal(minute)}"
