"""Counters under concurrency: threads in one process, and processes on one database (S4)."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.context import BaseContext
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import select

from server import database
from server.context import Context, build_context
from server.errors import BusyError
from server.models import Attempt, Educator, PhoneAccess
from server.seed.demonstration import ACCOUNTS
from server.services import audit
from server.services.pins import set_pin
from server.services.verification import Presented, verify
from tests.support.elms_service import Elms, MovingClock, running_elms, settings_for, used
from tests.support.form_browser import Visitor
from tests.support.patience import PATIENCE_S

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
OTHER = ACCOUNTS[1].license_number
WRONG, NEW = "1357", "7306"
TOGETHER, REPEATS = 200, 40
FORMS, ROUNDS = 6, 6
PROCESSES = 4
OPEN = {"pins_per_account": 10_000, "pins_withheld": 10_000, "pins_overall": 10_000}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take longer for all of them than one caller would wait."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", round(PATIENCE_S * 1_000))


def present(context: Context, _index: int) -> str:
    shown = Presented(NUMBER, WRONG, uuid4().hex, 1, "dtmf", None)
    return verify(context, shown).result.value


def present_many(url: str, limits: dict[str, int], times: int) -> list[str]:
    """What one process does: its own engine, its own threads."""
    database.BUSY_TIMEOUT_MS = round(PATIENCE_S * 1_000)
    context = build_context(settings_for(url, limits=limits), MovingClock())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda index: present(context, index), range(times)))
    context.database.close()
    return answers


def across_processes(elms: Elms, limits: dict[str, int]) -> Counter[str]:
    share = TOGETHER // PROCESSES
    work = [(elms.settings.database_url, limits, share)] * PROCESSES
    with _processes().Pool(PROCESSES) as pool:
        return Counter(answer for each in pool.starmap(present_many, work) for answer in each)


def _processes() -> BaseContext:
    """Processes of their own that import the service once for all."""
    server = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if server else "spawn")
    context.set_forkserver_preload([__name__])
    return context


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
    assert used(elms, "overall") == used(elms, "withheld") == TOGETHER


def test_200_wrong_pins_from_four_processes_count_exactly(elms: Elms) -> None:
    assert across_processes(elms, OPEN) == stored(elms) == {"wrong": TOGETHER}
    assert used(elms, "overall") == TOGETHER
    with elms.context.database.read() as session:
        report = audit.verify_chain(session)
    assert (report.broken_at, report.rows) == (None, TOGETHER + 1)


def test_only_five_of_200_at_once_are_checked(elms: Elms) -> None:
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
    assert used(elms, "overall") == 1
    assert stored(elms) == {"wrong": 1}


# -- repeats at once (S15) ---------------------------------------------------------------------


@pytest.mark.parametrize("changed", [False, True], ids=["the same PIN", "a changed PIN"])
def test_only_counted_repeats_are_checked_among_40_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    """Guesses in the place of a right PIN whose answer got lost, each another one."""
    with running_elms(tmp_path) as elms:
        looks: list[str] = []
        check = elms.context.hasher.check_pin

        def watched(digest: str | None, pin: str, costs: Collection[str] = ()) -> bool:
            if digest is not None:
                looks.append(pin)
            return check(digest, pin, costs)

        assert verify(elms.context, Presented(NUMBER, RIGHT, "one-call", 1, "dtmf", None)).token
        if changed:
            with elms.context.database.read() as session:
                mine = Educator.license_number == NUMBER
                owner = session.scalars(select(Educator.id).where(mine)).one()
            set_pin(elms.context, owner, NEW, NEW, "test")
        monkeypatch.setattr(elms.context.hasher, "check_pin", watched)
        start = Barrier(REPEATS)

        def repeat(guess: int) -> str:
            start.wait(PATIENCE_S)
            shown = Presented(NUMBER, f"{4_000 + guess}", "one-call", 1, "dtmf", None)
            try:
                return verify(elms.context, shown).result.value
            except BusyError:
                return "busy"

        with ThreadPoolExecutor(REPEATS) as pool:
            answers = set(pool.map(repeat, range(REPEATS)))
        assert answers <= {"wrong", "busy"}
        assert len(looks) == stored(elms)["wrong"] == used(elms, "call:one-call") == 1


def test_concurrent_forms_open_only_the_account_whose_pin_was_right(tmp_path: Path) -> None:
    """A representative's page sends one right PIN, and others for another account, at once."""
    with running_elms(tmp_path, limits=OPEN | {"pins_per_call": 1_000}) as elms:
        desk = Visitor(elms)
        desk.sign_in("representative")
        csrf = desk.csrf("/desk")
        cookies = dict(desk.client.cookies)

        def check(start: Barrier, form: int) -> str:
            number, pin = (NUMBER, RIGHT) if form == 0 else (OTHER, WRONG)
            visitor = Visitor(elms)
            visitor.client.cookies.update(cookies)
            start.wait(PATIENCE_S)
            fields = {"csrf": csrf, "license_number": number, "pin": pin, "reason": "Renewal"}
            answer = visitor.post("/desk/check", fields, follow=False)
            assert answer.status_code in (200, 303)
            return "verified" if answer.status_code == 303 else "refused"

        for _ in range(ROUNDS):
            start = Barrier(FORMS)
            with ThreadPoolExecutor(FORMS) as pool:
                answers = list(pool.map(check, [start] * FORMS, range(FORMS)))
            assert answers == ["verified", *["refused"] * (FORMS - 1)]
        with elms.context.database.read() as session:
            rows = session.scalars(select(Attempt)).all()
        assert Counter(row.result for row in rows) == {
            "verified": ROUNDS,
            "wrong": ROUNDS * (FORMS - 1),
        }
        assert len({(row.call_id, row.number) for row in rows}) == len(rows)
