"""Counters under concurrency: threads in one process, and processes on one database (S4)."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from server.context import Context, build_context
from server.errors import BusyError
from server.models import Attempt, Budget, PhoneAccess
from server.seed.demonstration import ACCOUNTS
from server.services import audit
from server.services.verification import Presented, verify
from tests.support.elms_service import Elms, MovingClock, running_elms, settings_for

pytestmark = pytest.mark.server

NUMBER = ACCOUNTS[0].license_number
WRONG = "1357"
TOGETHER = 200
PROCESSES = 4
OPEN = {"pins_per_account": 10_000, "pins_withheld": 10_000, "pins_overall": 10_000}


def present(context: Context, _index: int) -> str:
    shown = Presented(NUMBER, WRONG, uuid4().hex, 1, "dtmf", None)
    return verify(context, shown).result.value


def present_many(url: str, limits: dict[str, int], times: int) -> list[str]:
    """What one process does: its own engine, its own threads."""
    context = build_context(settings_for(url, limits=limits), MovingClock())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda index: present(context, index), range(times)))
    context.database.close()
    return answers


def across_processes(elms: Elms, limits: dict[str, int]) -> Counter[str]:
    share = TOGETHER // PROCESSES
    work = [(elms.settings.database_url, limits, share)] * PROCESSES
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        return Counter(answer for each in pool.starmap(present_many, work) for answer in each)


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path, limits=OPEN) as running:
        yield running


def stored(elms: Elms) -> Counter[str]:
    with elms.context.database.read() as session:
        return Counter(session.scalars(select(Attempt.result)))


def test_200_wrong_pins_at_once_count_exactly(elms: Elms) -> None:
    with ThreadPoolExecutor(32) as pool:
        answers = Counter(pool.map(lambda index: present(elms.context, index), range(TOGETHER)))
    assert answers == stored(elms) == {"wrong": TOGETHER}
    with elms.context.database.read() as session:
        assert session.get_one(Budget, "overall").used == TOGETHER
        assert session.get_one(Budget, "withheld").used == TOGETHER


def test_200_wrong_pins_from_four_processes_count_exactly(elms: Elms) -> None:
    assert across_processes(elms, OPEN) == stored(elms) == {"wrong": TOGETHER}
    with elms.context.database.read() as session:
        assert session.get_one(Budget, "overall").used == TOGETHER
        report = audit.verify_chain(session)
    assert (report.broken_at, report.rows) == (None, TOGETHER + 1)


def test_of_200_at_once_only_five_are_looked_at(elms: Elms) -> None:
    """The lock closes in time: nobody gets a sixth guess by asking quickly."""
    counted = across_processes(elms, OPEN | {"pins_per_account": 5})
    assert counted == {"wrong": 5, "locked": TOGETHER - 5}
    with elms.context.database.read() as session:
        locked = session.scalars(
            select(PhoneAccess).where(PhoneAccess.locked_until.is_not(None))
        ).one()
    assert locked.lockouts == 1


def test_one_attempt_sent_twice_at_once_counts_once(elms: Elms) -> None:
    shown = Presented(NUMBER, WRONG, "one-call", 1, "dtmf", None)

    def send(_index: int) -> str:
        try:
            return verify(elms.context, shown).result.value
        except BusyError:
            return "busy"

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(send, range(50))) <= {"wrong", "busy"}
    with elms.context.database.read() as session:
        assert session.get_one(Budget, "overall").used == 1
        assert len(session.scalars(select(Attempt)).all()) == 1
