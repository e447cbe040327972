"""Every length of time in the server has a test that is named here (S17)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from server import database
from server.admin import logs, serving
from server.errors import RuleError
from server.models import AuditRow, Holiday, WeeklyNotice
from server.services import outbox, provider
from server.services.announcements import add_holiday, remove_holiday, set_weeks
from server.web import gate, readiness
from tests.support.elms_service import Elms, running_elms
from tests.support.paths import PROJECT

pytestmark = pytest.mark.server

LENGTH = re.compile(
    r"^(\w+) = (?:timedelta\(|\d+ \* [A-Z])|^(\w+_(?:S|MS|SECONDS)) = ", re.MULTILINE
)

WALKED = {
    "services/accounts.py": {
        "USUAL": "test_account_facts.py",
        "WEEK": "test_account_facts.py",
    },
    "services/announcements.py": {"FURTHEST": "test_lengths_of_time.py"},
    "services/browsers.py": {"DAY_S": "test_limits.py"},
    "services/budgets.py": {"LONGEST_WINDOW": "test_budgets.py"},
    "services/handovers.py": {"HANDOVER_AGE": "test_limits.py", "HANDOVER_GOOD": "test_limits.py"},
    "services/id_token.py": {"LEEWAY_S": "test_sso_state.py"},
    "services/locks.py": {"DAY": "test_limits.py"},
    "services/outbox.py": {"CLAIM": "test_limits.py"},
    "services/password_tries.py": {"DAY": "test_limits.py", "QUARTER": "test_limits.py"},
    "services/repeats.py": {"REPEATABLE": "test_limits.py", "UNDER_WAY": "test_limits.py"},
    "services/sign_in.py": {"LONGEST": "test_limits.py", "TOUCH": "test_desk_work.py"},
    "services/sso.py": {"FLOW_SECONDS": "test_sso_state.py"},
    "services/verification.py": {"HOUR": "test_limits.py"},
}
"""Lengths whose ends are looked at on both sides, and where."""

REAL_TIME: dict[str, dict[str, tuple[float, float]]] = {
    "admin/logs.py": {"SUM_EVERY_S": (logs.SUM_EVERY_S, 10)},
    "admin/serving.py": {
        "MAIL_EVERY_S": (serving.MAIL_EVERY_S, 60),
        "SHUTDOWN_S": (serving.SHUTDOWN_S, 15),
    },
    "database.py": {
        "BUSY_TIMEOUT_MS": (database.BUSY_TIMEOUT_MS, 10_000),
        "POOL_TIMEOUT_S": (database.POOL_TIMEOUT_S, 5),
    },
    "services/outbox.py": {
        "SMTP_TIMEOUT_S": (outbox.SMTP_TIMEOUT_S, 10),
        "SMTP_IN_ALL_S": (outbox.SMTP_IN_ALL_S, 60),
    },
    "services/provider.py": {"TOTAL_S": (provider.TOTAL_S, 10)},
    "web/gate.py": {"YOUNG_S": (gate.YOUNG_S, 2), "CLOSING_S": (gate.CLOSING_S, 5)},
    "web/readiness.py": {"WRITE_EVERY_S": (readiness.WRITE_EVERY_S, 10)},
}
"""Lengths of real time, which tests shorten: what they are, and what they should be."""

ELSEWHERE = {
    "migrations/versions/0006_bound_repeats.py": {"DAY"},
    "seed/call_backs.py": {"TALK_MS"},
    "bot_command_line.py": {"PATIENCE_S", "QUEUE_S"},
    "web/error_handlers.py": {"RETRY_AFTER_S"},
}
"""A migration that has run, invented calls, waits for speech, and what a refusal advises."""


def test_every_length_of_time_is_walked_or_written_down() -> None:
    found: dict[str, set[str]] = {}
    for path in sorted((PROJECT / "server").rglob("*.py")):
        if names := {one or other for one, other in LENGTH.findall(path.read_text())}:
            found[str(path.relative_to(PROJECT / "server"))] = names
    listed = {file: set(names) for file, names in ELSEWHERE.items()}
    listed |= {file: set(names) for file, names in WALKED.items()}
    for file, lengths in REAL_TIME.items():
        listed[file] = listed.get(file, set()) | set(lengths)
    assert found == listed
    assert {test for names in WALKED.values() for test in names.values()} <= {
        path.name for path in Path(__file__).parent.iterdir()
    }


@pytest.mark.parametrize("file", REAL_TIME)
def test_durations_that_tests_shorten_have_their_real_values(file: str) -> None:
    assert {name: is_ for name, (is_, _) in REAL_TIME[file].items()} == {
        name: should_be for name, (_, should_be) in REAL_TIME[file].items()
    }


# -- announcements ---------------------------------------------------------------------------------

TODAY = date(2022, 12, 7)
"""A Wednesday."""
TWO_YEARS = timedelta(days=730)
DAY = timedelta(days=1)


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path, today=TODAY) as running:
        yield running


def last_row(elms: Elms) -> tuple[str, str, str, object]:
    with elms.context.database.read() as session:
        row = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).one()
    assert row.at == elms.clock.now
    return row.actor, row.action, row.subject, row.facts


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2022, 12, 4), date(2022, 11, 28)),
        (date(2022, 12, 5), date(2022, 12, 5)),
        (TODAY, date(2022, 12, 5)),
        (TODAY - TWO_YEARS, date(2020, 12, 7)),
    ],
)
def test_a_week_is_announced_by_its_monday(elms: Elms, day: date, monday: date) -> None:
    other = date(2022, 11, 30)
    set_weeks(elms.context, day, other, 3)
    set_weeks(elms.context, day, other, 3)
    with elms.context.database.read() as session:
        newest = select(WeeklyNotice).order_by(WeeklyNotice.id.desc()).limit(1)
        row = session.scalars(newest).one()
    assert (row.renewal_week, row.other_week) == (monday, date(2022, 11, 28))
    assert (row.set_at, row.set_by) == (elms.clock.now, 3)
    facts = {"renewal": monday.isoformat(), "other": "2022-11-28"}
    assert last_row(elms) == ("user:3", "weeks.set", "service", facts)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TODAY + DAY, "A week in the future cannot be processed yet"),
        (TODAY - TWO_YEARS - DAY, "more than two years ago"),
    ],
)
def test_neither_week_lies_ahead_or_two_years_back(elms: Elms, day: date, words: str) -> None:
    for weeks in ((day, TODAY), (TODAY, day)):
        with pytest.raises(RuleError, match=words):
            set_weeks(elms.context, *weeks, 3)


@pytest.mark.parametrize("offset", [-TWO_YEARS, TWO_YEARS, timedelta(0)])
def test_a_closed_day_may_be_two_years_away_and_is_removed_by_itself(
    elms: Elms, offset: timedelta
) -> None:
    on = TODAY + offset
    with elms.context.database.write() as session:
        for each in session.scalars(select(Holiday)):
            session.delete(each)
    add_holiday(elms.context, on + DAY if offset < DAY else on - DAY, "Another", 3)
    add_holiday(elms.context, on, "  Ice storm ", 3)
    facts = {"on": on.isoformat()}
    assert last_row(elms) == ("user:3", "holiday.added", "service", facts)
    with elms.context.database.read() as session:
        assert session.get_one(Holiday, on).name == "Ice storm"
    remove_holiday(elms.context, on, 4)
    assert last_row(elms) == ("user:4", "holiday.removed", "service", facts)
    with elms.context.database.read() as session:
        assert list(session.scalars(select(Holiday.name))) == ["Another"]


@pytest.mark.parametrize(
    ("on", "name", "words"),
    [
        (TODAY + TWO_YEARS + DAY, "Ice", "more than two years away"),
        (TODAY - TWO_YEARS - DAY, "Ice", "more than two years away"),
        (TODAY, "x" * 81, "at most 80 characters"),
        (TODAY, " ", "at most 80 characters"),
        (TODAY, "a\nb", "at most 80 characters"),
    ],
)
def test_a_closing_that_makes_no_sense_is_refused(
    elms: Elms, on: date, name: str, words: str
) -> None:
    with pytest.raises(RuleError, match=words):
        add_holiday(elms.context, on, name, 3)
    add_holiday(elms.context, TODAY, "x" * 80, 3)
