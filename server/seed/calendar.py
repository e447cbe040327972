"""The demonstration's dates: those of its own year, or moved so that today is today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from server.settings import DEMO_TODAY

RENEWAL_WEEK = date(2022, 11, 14)
OTHER_WEEK = date(2022, 10, 24)
LAST_DAY = date(2022, 12, 2)
EXPIRES = (6, 30)
"""Month and day on which every license ends."""
MONDAY, THURSDAY = 0, 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """Moves days by whole weeks and the years of licenses by whole years, by what today is."""

    today: date = DEMO_TODAY

    def moved(self, day: date) -> date:
        """A day of 2022, as far before today as it was before the demonstration's own day."""
        return day + (_monday(self.today) - _monday(DEMO_TODAY))

    def year(self, year: int) -> int:
        """The year of an expiration; 2023 is that of the next June 30."""
        return year + _next_expiration(self.today) - _next_expiration(DEMO_TODAY)

    def workday(self, day: date) -> date:
        """The day, or the Monday after a weekend; never later than the end of the data."""
        weekend = day.weekday() > 4
        shifted = day + timedelta(days=(7 - day.weekday()) % 7 if weekend else 0)
        return min(shifted, self.moved(LAST_DAY))

    @property
    def renewal_week(self) -> date:
        """The week of renewal applications being processed, by its Monday."""
        return self.moved(RENEWAL_WEEK)

    @property
    def other_week(self) -> date:
        """The week of all other applications being processed, by its Monday."""
        return self.moved(OTHER_WEEK)

    def holidays(self) -> Iterator[tuple[date, str]]:
        """Days of this year on which the call center is closed."""
        year = self.today.year
        yield _last_monday(year, 4), "State holiday"
        yield _last_monday(year, 5), "Memorial Day"
        yield _observed(date(year, 7, 4), "Independence Day")
        yield _nth(1, MONDAY, date(year, 9, 1)), "Labor Day"
        yield _observed(date(year, 11, 11), "Veterans Day")
        yield _nth(4, THURSDAY, date(year, 11, 1)), "Thanksgiving Day"
        yield _observed(date(year, 12, 25), "Christmas Day")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next_expiration(today: date) -> int:
    return today.year + ((today.month, today.day) > EXPIRES)


def _nth(count: int, weekday: int, first: date) -> date:
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _last_monday(year: int, month: int) -> date:
    return _monday(date(year, month + 1, 1) - timedelta(days=1))


def _observed(day: date, name: str) -> tuple[date, str]:
    """A holiday of a weekend is observed on the Friday before or the Monday after."""
    shift = {5: -1, 6: 1}.get(day.weekday(), 0)
    return day + timedelta(days=shift), f"{name}, observed" if shift else name
