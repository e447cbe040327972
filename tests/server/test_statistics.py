"""Statistics of a range of days, beside the range before it, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from server.services.call_statistics import Figures, Range, figures
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

ZONE = "America/Chicago"
WEEK = Range(date(2022, 11, 7), date(2022, 11, 13))
CALLS = (  # when in UTC, outcome, reason; the first is on the Sunday before, in Chicago
    ("2022-11-07T05:59:00", "completed", "caller said goodbye"),
    ("2022-11-07T06:00:00", "completed", "caller said goodbye"),
    ("2022-11-09T16:00:00", "transferred", "caller asked"),
    ("2022-11-09T17:00:00", "transferred", "could not understand license_number"),
    ("2022-11-14T05:59:00", "hangup", "caller left at menu"),
    ("2022-11-14T06:00:00", "completed", "caller said goodbye"),
)


def turn(attempt: int, result: str = "match", **more: Any) -> dict[str, Any]:
    told = {"field": "menu", "attempt": attempt, "result": result, "start_ms": 0, "end_ms": 900}
    return told | more


TURNS = [
    turn(1, "nomatch", mode="voice", confidence=0.35, decision="retry", reply_after_ms=300),
    turn(2, mode="voice", confidence=0.95, decision="accept", reply_after_ms=200),
    turn(1, mode="voice", confidence=1.0, decision="accept", reply_after_ms=250),
    turn(1, mode="dtmf", confidence=1.0, decision="accept"),
]


@pytest.fixture(scope="module")
def elms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elms]:
    with running_elms(tmp_path_factory.mktemp("statistics")) as running:
        for number, (at, outcome, reason) in enumerate(CALLS):
            record = {
                "call_id": f"call-{number}",
                "started_utc": datetime.fromisoformat(at).replace(tzinfo=UTC).isoformat(),
                "line": "recording",
                "duration_ms": 10_000 * (number + 1),
                "outcome": {"outcome": outcome, "reason": reason},
                "turns": TURNS if number == 1 else [],
            }
            put = running.client.put(f"/api/v1/calls/call-{number}", json=record, headers=BOT)
            assert put.status_code == 204, put.text
        yield running


@pytest.fixture(scope="module")
def week(elms: Elms) -> Figures:
    with elms.context.database.read() as session:
        return figures(session, WEEK, ZONE)


@pytest.fixture(scope="module")
def desk(elms: Elms) -> Visitor:
    visitor = Visitor(elms)
    visitor.sign_in("representative")
    return visitor


def test_days_begin_and_end_in_the_time_zone_of_the_department(week: Figures) -> None:
    assert week.calls == 4
    assert week.outcomes == {"completed": 1, "transferred": 2, "hangup": 1}
    assert week.median_seconds == 40


def test_the_range_before_has_the_same_length_and_ends_where_this_one_begins(elms: Elms) -> None:
    assert WEEK.before == Range(date(2022, 10, 31), date(2022, 11, 6))
    with elms.context.database.read() as session:
        assert figures(session, WEEK.before, ZONE).calls == 1


def test_a_caller_with_an_answer_or_a_person_reached_the_goal(week: Figures) -> None:
    assert week.served_share == 1 / 4
    assert week.reached_share == 2 / 4
    assert dict(week.reasons) == {"caller asked": 1, "could not understand license_number": 1}


def test_calls_are_counted_by_weekday(week: Figures) -> None:
    assert {day: counts.total() for day, counts in week.by_weekday.items()} == {
        0: 1, 1: 0, 2: 2, 3: 0, 4: 0, 5: 0, 6: 1
    }  # fmt: skip


def test_reply_and_first_answer_times_come_from_the_turns(week: Figures) -> None:
    assert week.reply_ms == (250, 300)
    (menu,) = week.fields
    assert (menu.asked, menu.first_tries, menu.first_accepted, menu.keyed) == (4, 3, 2, 1)


def test_confidence_is_compared_with_the_outcome_of_the_call(week: Figures) -> None:
    """Spoken answers only; a confidence of 1 is in the last tenth."""
    found = {
        index: (each.turns, each.accepted, each.reached)
        for index, each in enumerate(week.certainty)
        if each.turns
    }
    assert found == {3: (1, 0, 1), 9: (2, 2, 2)}


def test_the_page_compares_and_names_its_range(desk: Visitor) -> None:
    page = desk.get("/figures?from=2022-11-07&to=2022-11-13").text
    assert "November 7, 2022 to November 13, 2022" in page
    assert "+3 from the range before" in page
    assert "The caller asked for a representative" in page


def test_the_export_has_a_row_for_each_day_and_no_caller(desk: Visitor) -> None:
    answer = desk.get("/figures.csv?from=2022-11-07&to=2022-11-13")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'filename="calls-2022-11-07-2022-11-13.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["day"], row["calls"]) for row in rows if row["calls"] != "0"] == [
        ("2022-11-07", "1"),
        ("2022-11-09", "2"),
        ("2022-11-13", "1"),
    ]
    assert "call-1" not in answer.text


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2022-11-13", "2022-11-07"),
        ("soon", "2022-11-07"),
        ("2022-11-07", ""),
        ("1899-01-01", "1899-01-02"),
        ("2020-01-01", "2022-01-01"),
    ],
)
def test_an_impossible_range_is_refused(desk: Visitor, first: str, last: str) -> None:
    answer = desk.get(f"/figures?from={first}&to={last}")
    assert answer.status_code == 422
    assert "Please check." in answer.text


def test_an_educator_can_export_nothing(elms: Elms) -> None:
    visitor = Visitor(elms)
    visitor.sign_in("421903")
    assert visitor.get("/figures.csv").status_code == 403
