"""How long locks and sessions last, and when a license is expiring."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from server.models import License
from server.seed.demonstration import ACCOUNTS
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
HOLDER = ACCOUNTS[3]
"""Who has a license."""


WRONG = "1357"


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def wrong_for_the_account(elms: Elms, times: int) -> None:
    for _ in range(times):
        assert not elms.verify(NUMBER, WRONG).json()["verified"]


@pytest.mark.parametrize("windows_before", [0, 1])
@pytest.mark.parametrize(("seconds", "locks"), [(-1, True), (0, False), (1, False)])
def test_wrong_pins_count_toward_the_lock_for_a_day_and_no_longer(
    elms: Elms, windows_before: int, seconds: int, locks: bool
) -> None:
    for _ in range(windows_before):
        wrong_for_the_account(elms, 4)
        elms.clock.move(hours=24)
    wrong_for_the_account(elms, 4)
    elms.clock.move(hours=24, seconds=seconds)
    wrong_for_the_account(elms, 1)
    assert elms.verify(NUMBER, RIGHT).json()["verified"] is not locks


@pytest.mark.parametrize(
    ("limits", "hours"),
    [
        ({}, [24, 48, 96, 192, 384, 720, 720]),
        ({"lock_hours": 30, "lock_hours_most": 70}, [30, 60, 70, 70]),
    ],
)
def test_each_lock_lasts_its_length_and_no_longer(
    tmp_path: Path, limits: dict[str, int], hours: list[int]
) -> None:
    with running_elms(tmp_path, limits=limits) as elms:
        for length in hours:
            wrong_for_the_account(elms, 5)
            elms.clock.move(hours=length, seconds=-1)
            assert not elms.verify(NUMBER, RIGHT).json()["verified"]
            elms.clock.move(seconds=1)
            assert elms.verify(NUMBER, RIGHT).json()["verified"]


def test_a_session_in_use_ends_after_twelve_hours(tmp_path: Path) -> None:
    with running_elms(tmp_path, session_minutes=300) as elms:
        for seconds, is_open in ((-1, True), (0, False), (1, False)):
            visitor = Visitor(elms)
            visitor.sign_in(NUMBER)
            for _ in range(2):
                elms.clock.move(hours=4)
                assert visitor.get("/home").url.path == "/home"
            elms.clock.move(hours=4, seconds=seconds)
            assert (visitor.get("/home").url.path == "/home") is is_open


@pytest.mark.parametrize(("settings", "days"), [({}, 240), ({"expiring_days": 45}, 45)])
def test_a_license_is_expiring_so_many_days_before_its_end_and_valid_through_it(
    tmp_path: Path, settings: dict[str, int], days: int
) -> None:
    with running_elms(tmp_path, **settings) as elms:
        today = elms.context.today()
        left = {days + 1: "valid", days: "expiring", days - 1: "expiring"}
        left |= {1: "expiring", 0: "expiring", -1: "expired"}
        for days_left, state in left.items():
            with elms.context.database.write() as session:
                for each in session.scalars(select(License)):
                    each.valid_through = today + timedelta(days=days_left)
            headers = BOT | {"X-Call-Token": elms.token(HOLDER.license_number, HOLDER.pin or "")}
            account = elms.client.get("/api/v1/account", headers=headers).json()
            assert {each["state"] for each in account["licenses"]} == {state}, days_left
