"""Whether a person can answer, at instants in UTC: the office is at UTC-6, in summer at UTC-5."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.elms.office_hours import is_open, local_date, next_working_day
from bot.settings import Hours

pytestmark = pytest.mark.unit

AS_SHIPPED = Hours()
TILL_EIGHT = Hours(closes=time(20, 0), holidays=(date(2022, 12, 26),))
ON_SATURDAYS = Hours(weekdays=(5,))
IN_NEW_YORK = Hours(timezone="America/New_York", opens=time(9, 15), closes=time(12, 0))


def utc(instant: str) -> datetime:
    return datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "is_it"),
    [
        # Monday in winter: 8:00 to 17:30
        ("2022-12-05T13:59:59", False),
        ("2022-12-05T14:00:00", True),
        ("2022-12-05T14:00:01", True),
        ("2022-12-05T23:29:59.999999", True),
        ("2022-12-05T23:30:00", False),
        ("2022-12-05T23:30:01", False),
        ("2022-12-06T00:00:00", False),
        ("2022-12-06T08:00:00", False),
        # Wednesday in summer
        ("2022-07-06T12:59:59", False),
        ("2022-07-06T13:00:00", True),
        ("2022-07-06T22:29:59", True),
        ("2022-07-06T22:30:00", False),
        # the working days around the two changes of the clock
        ("2022-03-11T13:59:59", False),
        ("2022-03-11T14:00:00", True),
        ("2022-03-14T12:59:59", False),
        ("2022-03-14T13:00:00", True),
        ("2022-11-04T13:00:00", True),
        ("2022-11-04T22:30:00", False),
        ("2022-11-07T13:59:59", False),
        ("2022-11-07T14:00:00", True),
        # a whole week at noon
        ("2022-12-09T18:00:00", True),
        ("2022-12-10T18:00:00", False),
        ("2022-12-11T18:00:00", False),
        ("2022-12-12T18:00:00", True),
        ("2022-12-13T18:00:00", True),
        ("2022-12-14T18:00:00", True),
        ("2022-12-15T18:00:00", True),
    ],
)
def test_the_office_is_open_on_weekdays_from_8_to_5_30(instant: str, is_it: bool) -> None:
    assert is_open(AS_SHIPPED, utc(instant)) is is_it


@pytest.mark.parametrize(
    ("hours", "instant", "is_it"),
    [
        # Friday evening in Mississippi is Saturday in UTC, and Sunday evening Monday
        (TILL_EIGHT, "2022-12-10T01:59:59", True),
        (TILL_EIGHT, "2022-12-10T02:00:00", False),
        (TILL_EIGHT, "2022-12-12T01:30:00", False),
        # the holiday is Monday, December 26, there, not in UTC
        (TILL_EIGHT, "2022-12-26T16:00:00", False),
        (TILL_EIGHT, "2022-12-27T01:30:00", False),
        (TILL_EIGHT, "2022-12-27T14:00:00", True),
        (TILL_EIGHT, "2021-12-27T16:00:00", True),
        (ON_SATURDAYS, "2022-12-10T18:00:00", True),
        (ON_SATURDAYS, "2022-12-09T18:00:00", False),
        (IN_NEW_YORK, "2022-12-05T14:14:59", False),
        (IN_NEW_YORK, "2022-12-05T14:15:00", True),
        (IN_NEW_YORK, "2022-12-05T16:59:59", True),
        (IN_NEW_YORK, "2022-12-05T17:00:00", False),
    ],
)
def test_settings_define_when_the_office_is_open(hours: Hours, instant: str, is_it: bool) -> None:
    assert is_open(hours, utc(instant)) is is_it


@given(
    st.sampled_from(["2022-12-05T14:00:00", "2022-12-05T23:30:00", "2022-12-10T18:00:00"]),
    st.integers(-14, 14),
)
def test_the_time_zone_of_an_instant_does_not_matter(instant: str, offset: int) -> None:
    elsewhere = utc(instant).astimezone(timezone(timedelta(hours=offset)))
    assert is_open(AS_SHIPPED, elsewhere) is (instant == "2022-12-05T14:00:00")


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2022-12-06T05:59:59", date(2022, 12, 5)),
        ("2022-12-06T06:00:00", date(2022, 12, 6)),
        ("2022-07-06T04:59:59", date(2022, 7, 5)),
        ("2022-07-06T05:00:00", date(2022, 7, 6)),
    ],
)
def test_days_begin_at_midnight_in_the_time_zone_of_the_office(instant: str, day: date) -> None:
    assert local_date(AS_SHIPPED, utc(instant)) == day


@pytest.mark.parametrize(
    ("closed_days", "day"),
    [
        (0, date(2022, 12, 2)),
        (1, date(2022, 12, 3)),
        (28, date(2022, 12, 30)),
        (29, date(2022, 12, 8)),
        (30, date(2022, 12, 8)),
    ],
)
def test_the_next_working_day_is_within_a_month_or_else_a_week_away(
    closed_days: int, day: date
) -> None:
    every_day = Hours(weekdays=(0, 1, 2, 3, 4, 5, 6))
    first = date(2022, 12, 1)
    closed = [first + timedelta(days=ahead) for ahead in range(1, closed_days + 1)]
    assert next_working_day(every_day, first, closed) == day


@pytest.mark.parametrize(
    ("after", "day"),
    [
        (date(2022, 12, 1), date(2022, 12, 2)),
        (date(2022, 12, 2), date(2022, 12, 5)),
        (date(2022, 12, 4), date(2022, 12, 5)),
    ],
)
def test_the_next_working_day_is_no_weekend(after: date, day: date) -> None:
    assert next_working_day(AS_SHIPPED, after, ()) == day
