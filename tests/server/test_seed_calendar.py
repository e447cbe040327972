"""The demonstration of any day: its weeks, holidays, and licenses are those of that day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from server import seed
from server.context import build_context
from server.database import migrate
from server.domain import LicenseState, Status
from server.models import Activity, Application, Educator, Holiday, WeeklyNotice
from server.seed.calendar import Calendar
from server.services.accounts import account_of
from server.settings import demo_settings
from tests.support.elms_service import settings_for

pytestmark = pytest.mark.server

DAYS = [date(2022, 12, 5), date(2026, 11, 30), date(2028, 2, 29), date(2027, 7, 1)]


@pytest.mark.parametrize("today", DAYS)
def test_every_date_is_of_the_weeks_before_today(today: date, tmp_path: Path) -> None:
    context = build_context(settings_for(f"sqlite:///{tmp_path}/demo.sqlite3", today=today))
    migrate(context.database)
    seed.seed(context)
    with context.database.read() as session:
        weeks = session.scalars(select(WeeklyNotice)).one()
        happened = session.scalars(select(Activity.on)).all()
        filed = session.scalars(select(Application.submitted)).all()
        ids = session.scalars(select(Educator.id)).all()
        told = [account for one in ids if (account := account_of(session, one, today, 240))]
        closed = session.scalars(select(Holiday.on)).all()
    context.database.close()
    assert (weeks.renewal_week.weekday(), weeks.other_week.weekday()) == (0, 0)
    assert timedelta(days=14) < today - weeks.renewal_week <= timedelta(days=30)
    assert timedelta(days=35) < today - weeks.other_week <= timedelta(days=50)
    newest, oldest = max(*happened, *filed), min(*happened, *filed)
    assert timedelta(0) < today - newest < timedelta(days=30)
    assert today - oldest < timedelta(days=366)
    assert {one.application.status for one in told if one.application} == set(Status)
    assert {one.application.reached for one in told if one.application} == {True, False}
    assert {each.state for one in told for each in one.licenses} >= {
        LicenseState.VALID,
        LicenseState.EXPIRED,
    }
    assert {on.year for on in closed} == {today.year}
    assert [on for on in closed if on.weekday() > 4] == []


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2022, "04-25 05-30 07-04 09-05 11-11 11-24 12-26"),
        (2026, "04-27 05-25 07-03 09-07 11-11 11-26 12-25"),
        (2027, "04-26 05-31 07-05 09-06 11-11 11-25 12-24"),
    ],
)
def test_holidays_are_observed_on_working_days(year: int, days: str) -> None:
    found = [f"{on:%m-%d}" for on, _ in Calendar(date(year, 12, 5)).holidays()]
    assert found == days.split()


@pytest.mark.parametrize(
    ("today", "next_june"), [("2022-12-05", 2023), ("2027-06-30", 2027), ("2027-07-01", 2028)]
)
def test_the_next_expirations_are_on_june_30(today: str, next_june: int) -> None:
    assert Calendar(date.fromisoformat(today)).year(2023) == next_june


def test_a_demonstration_with_calls_is_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one without, which answers recorded callers, of its own day, unless told another."""
    assert (demo_settings().today, demo_settings(live=True).today) == (date(2022, 12, 5), None)
    monkeypatch.setenv("ELMS_SERVER_TODAY", "2024-02-01")
    assert demo_settings(live=True).today == date(2024, 2, 1)
