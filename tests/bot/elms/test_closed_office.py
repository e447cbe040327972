"""When the office is closed: what is said, and that it is looked at when a person is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

import pytest

from bot.elms.office_hours import next_working_day
from bot.elms.requests import BackendAnswer, FetchService, Request, Service
from bot.prompts.prompts import Prompts
from bot.resources import PROJECT
from bot.settings import Hours, Settings
from tests.support.dialog_driver import (
    CLOSED,
    LICENSE_NUMBER,
    OPEN,
    PIN,
    Played,
    backend,
    event,
    heard,
    play,
    session,
)

pytestmark = pytest.mark.unit

PROMPTS = Prompts.load(PROJECT / "prompts")
LOGIN = [heard(LICENSE_NUMBER), heard(PIN)]
HOLIDAY = date(2022, 6, 14)


def words(call: Played) -> str:
    return " ".join(PROMPTS.text(prompt) for prompt in call.prompts)


def clock(*times: datetime) -> Callable[[], datetime]:
    """A clock that is looked at so often; then it stands still."""
    left: Iterator[datetime] = iter(times)
    return lambda: next(left, times[-1])


def on_a_holiday(request: Request) -> BackendAnswer:
    return Service((HOLIDAY,)) if isinstance(request, FetchService) else backend(request)


@pytest.mark.parametrize("asks", [event("representative"), heard("representative", mode="voice")])
@pytest.mark.parametrize(("now", "outcome"), [(OPEN, "transferred"), (CLOSED, "hangup")])
@pytest.mark.parametrize("began_open", [True, False])
def test_a_person_is_available_depending_on_the_time_of_the_request(
    began_open: bool, now: datetime, outcome: str, asks: object
) -> None:
    call = play([*LOGIN, asks], is_open=began_open, now=lambda: now)  # type: ignore[list-item]
    assert call.outcome.outcome == outcome
    assert ("transfer.connecting" in call.said()) == (now == OPEN)


def test_a_caller_who_asks_again_after_the_office_opened_is_connected() -> None:
    asks = event("representative")
    call = play([asks, asks], is_open=False, now=clock(CLOSED, OPEN))
    assert call.said().count("office.instead") == 1
    assert call.outcome.outcome == "transferred"


def test_out_of_hours_the_call_starts_with_what_can_be_heard_now() -> None:
    call = play([], is_open=False)
    assert call.said()[:3] == ["greeting.welcome", "greeting.closed", "office.closed"]
    assert "on weekdays, from 8:00 a.m. to 5:30 p.m., Central time" in words(call)


def test_on_a_holiday_the_next_working_day_is_announced() -> None:
    call = play([event("representative")], ask_backend=on_a_holiday)
    assert call.said().count("office.closed_today") == 2
    assert "Our office is closed today." in words(call)
    assert "again on Wednesday, June 15, from 8:00 a.m." in words(call)
    assert "office.closed" not in call.said()


def test_a_department_that_takes_no_calls_out_of_hours_says_when_it_does() -> None:
    settings = Settings(hours=Hours(answer_when_closed=False))
    call = play([], begin=session(is_open=False, settings=settings))
    assert call.said() == [
        *("greeting.welcome", "office.closed", "office.instead", "goodbye.goodbye"),
    ]


@pytest.mark.parametrize(
    ("after", "holidays", "day"),
    [
        (date(2022, 6, 14), (), date(2022, 6, 15)),
        (date(2022, 6, 17), (), date(2022, 6, 20)),
        (date(2022, 6, 17), (date(2022, 6, 20),), date(2022, 6, 21)),
        (date(2022, 12, 23), (date(2022, 12, 26), date(2022, 12, 27)), date(2022, 12, 28)),
    ],
)
def test_the_next_working_day_is_neither_a_weekend_nor_a_holiday(
    after: date, holidays: tuple[date, ...], day: date
) -> None:
    assert next_working_day(Hours(), after, holidays) == day


def test_an_office_that_never_opens_announces_the_same_day_next_week() -> None:
    assert next_working_day(Hours(weekdays=()), HOLIDAY, ()) == date(2022, 6, 21)
