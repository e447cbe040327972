"""Faults while writing: a killed process, a full disk, a database that is busy or gone."""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, event, select, text

from server.context import Context, build_context
from server.database import Database
from server.models import Attempt, AuditRow, BudgetUse, Educator, OutboxNotice, Pin
from server.seed.demonstration import ACCOUNTS, PASSWORD
from server.services import audit
from server.settings import DEMO_BOT_CREDENTIAL
from tests.support.elms_service import (
    BOT,
    POSTGRES,
    Elms,
    fresh_database,
    running_elms,
    settings_for,
)
from tests.support.form_browser import CSRF, FORM, Visitor
from tests.support.processes import ended

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
WRONG, NEW, NEWER = "1357", "7306", "6174"
BEFORE_THE_KILL = 40
SENDERS = 8
CHANGERS, CHANGES_BEFORE_THE_KILL = 5, 6

sqlite_only = pytest.mark.skipif(POSTGRES is not None, reason="about SQLite's own file")
postgres_only = pytest.mark.skipif(
    POSTGRES is None, reason="needs PostgreSQL: set ELMS_TEST_DATABASE_URL"
)


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


# -- a killed process --------------------------------------------------------------------------


def serve(url: str, mail: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--demo", "--port", "0", "--database", url],
        env={
            **os.environ,
            "ELMS_SERVER_HASH_COST__MEMORY_KIB": "8",
            "ELMS_SERVER_HASH_COST__PASSES": "1",
            "ELMS_SERVER_LIMITS__PINS_WITHHELD": "100000",
            "ELMS_SERVER_LIMITS__PINS_OVERALL": "100000",
            "ELMS_SERVER_LIMITS__PINS_PER_ACCOUNT": "100000",
            "ELMS_SERVER_LIMITS__REQUESTS_PER_MINUTE": "100000",
            "ELMS_SERVER_LIMITS__PAGE_REQUESTS_PER_MINUTE": "100000",
            "ELMS_SERVER_MAIL__FOLDER": str(mail),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1]


def send_until_it_dies(url: str, sender: int, enough: Event, answered: list[str]) -> None:
    headers = {"Authorization": f"Bearer {DEMO_BOT_CREDENTIAL}"}
    with httpx.Client(base_url=url, headers=headers, timeout=None) as client:
        for number in range(10_000):
            call_id = f"call-{sender}-{number}"
            sent = {"license_number": NUMBER, "pin": WRONG, "call_id": call_id}
            try:
                answer = client.post("/api/v1/verifications", json=sent)
            except httpx.HTTPError:
                return
            assert answer.status_code == 200
            answered.append(call_id)
            if len(answered) >= BEFORE_THE_KILL:
                enough.set()


def wait_for(enough: Event, working: Sequence[Future[None]]) -> None:
    """Wait for the event as long as somebody works toward it."""
    while not enough.wait(0.1):
        assert not all(each.done() for each in working)


def test_a_kill_during_writes_loses_no_answered_attempt(tmp_path: Path) -> None:
    answered: list[str] = []
    enough = Event()
    with fresh_database(tmp_path) as url:
        process, address = serve(url, tmp_path / "mail")
        with ThreadPoolExecutor(SENDERS) as pool, ended(process):
            senders = [
                pool.submit(send_until_it_dies, address, sender, enough, answered)
                for sender in range(SENDERS)
            ]
            wait_for(enough, senders)
            process.send_signal(signal.SIGKILL)
            process.wait()
            for sender in senders:
                sender.result()
        database = Database(url)
        with database.read() as session:
            stored = {
                attempt.call_id: attempt.result for attempt in session.scalars(select(Attempt))
            }
            used = len(session.scalars(select(BudgetUse).where(BudgetUse.key == "overall")).all())
            report = audit.verify_chain(session)
        database.close()
    assert {stored[call_id] for call_id in answered} == {"wrong"}
    assert set(Counter(stored.values())) <= {"wrong", "pending"}
    assert used == len(stored)
    assert report.broken_at is None


@dataclass
class PinChanger:
    """An educator who changes the PIN on the page again and again, and what was answered."""

    number: str
    sent: list[str] = field(default_factory=list)
    answered: int = 0

    def change_until_it_dies(self, url: str, enough: Event) -> None:
        with httpx.Client(base_url=url, timeout=None) as client:
            try:
                self._sign_in(client)
                for pin in itertools.cycle((NEW, NEWER)):
                    self._change(client, pin)
                    if self.answered >= CHANGES_BEFORE_THE_KILL:
                        enough.set()
            except httpx.HTTPError:
                return

    def _sign_in(self, client: httpx.Client) -> None:
        form = FORM.search(client.get("/sign-in").text)
        assert form
        fields = {"username": self.number, "password": PASSWORD, "form": form[1]}
        assert client.post("/sign-in", data=fields).status_code == 303

    def _change(self, client: httpx.Client, pin: str) -> None:
        csrf = CSRF.search(client.get("/pin").text)
        assert csrf
        self.sent.append(pin)
        answer = client.post("/pin", data={"csrf": csrf[1], "pin": pin, "again": pin})
        assert answer.status_code == 303
        self.answered += 1


def test_a_kill_during_pin_changes_leaves_no_account_half_changed(tmp_path: Path) -> None:
    """Digest, notice and audit row are there together or not at all; what was answered is there."""
    changers = [PinChanger(account.license_number) for account in ACCOUNTS[:CHANGERS]]
    enough = Event()
    with fresh_database(tmp_path) as url:
        process, address = serve(url, tmp_path / "mail")
        with ThreadPoolExecutor(CHANGERS) as pool, ended(process):
            working = [pool.submit(each.change_until_it_dies, address, enough) for each in changers]
            wait_for(enough, working)
            process.send_signal(signal.SIGKILL)
            process.wait()
            for each in working:
                each.result()
        context = build_context(settings_for(url))
        for changer in changers:
            stored, notices, rows = standing_of(context, changer.number)
            assert notices == rows
            assert rows in (changer.answered, changer.answered + 1)
            if rows:
                assert context.hasher.check_pin(stored, changer.sent[rows - 1])
        with context.database.read() as session:
            assert audit.verify_chain(session).broken_at is None
        context.database.close()


def standing_of(context: Context, number: str) -> tuple[str, int, int]:
    """An educator's digest, notices and audit rows of changes."""
    with context.database.read() as session:
        pin = session.scalars(
            select(Pin).join(Educator).where(Educator.license_number == number)
        ).one()
        mine = OutboxNotice.educator_id == pin.educator_id
        notices = session.scalars(select(OutboxNotice).where(mine)).all()
        rows = session.scalars(
            select(AuditRow).where(
                AuditRow.subject == f"educator:{pin.educator_id}", AuditRow.action == "pin.changed"
            )
        ).all()
    return pin.digest, len(notices), len(rows)


def test_an_attempt_that_was_never_answered_counts_as_wrong(
    elms: Elms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(elms.context.hasher), "check_pin", dies)
        for number in range(5):
            with pytest.raises(BaseException):  # noqa: B017 - the process ends here
                elms.verify(NUMBER, RIGHT, call_id=f"killed-{number}")
    with elms.context.database.read() as session:
        assert set(session.scalars(select(Attempt.result))) == {"pending"}
    assert not elms.verify(NUMBER, RIGHT).json()["verified"]


# -- a full disk -------------------------------------------------------------------------------


@sqlite_only
def test_a_full_disk_is_a_503_and_changes_nothing_halfway(elms: Elms) -> None:
    visitor = Visitor(elms)
    visitor.sign_in(NUMBER)
    csrf = visitor.csrf("/pin")

    def fill(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    engine = elms.context.database.engine
    engine.dispose()
    event.listen(engine, "connect", fill)
    answers = [
        elms.client.put("/api/v1/calls/big", json=big_record(), headers=BOT),
        visitor.post("/pin", {"csrf": csrf, "pin": NEW, "again": NEW}),
    ]
    event.remove(engine, "connect", fill)
    engine.dispose()
    assert answers[0].status_code == 503
    told = answers[1].status_code == 503
    assert elms.verify(NUMBER, OLD_OR_NEW[told]).json()["verified"]
    with elms.context.database.read() as session:
        notices = session.scalars(select(OutboxNotice)).all()
        assert len(notices) == (0 if told else 1)
        assert audit.verify_chain(session).broken_at is None
    assert elms.client.put("/api/v1/calls/big", json=big_record(), headers=BOT).status_code == 204


OLD_OR_NEW = {True: RIGHT, False: NEW}


def big_record() -> dict[str, Any]:
    turn = {"field": "menu", "attempt": 1, "result": "noinput", "start_ms": 0, "end_ms": 1}
    return {
        "call_id": "big",
        "started_utc": "2022-12-05T16:00:00Z",
        "line": "text",
        "duration_ms": 1,
        "outcome": {"outcome": "completed", "reason": "goodbye"},
        "turns": [turn | {"utterance": "x" * 400}] * 500,
    }


# -- a database that is busy, read-only, or gone -----------------------------------------------


@sqlite_only
def test_a_database_that_stays_busy_is_a_503_and_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.database.BUSY_TIMEOUT_MS", 20)
    with running_elms(tmp_path) as elms:
        other = sqlite3.connect(elms.settings.database_url.removeprefix("sqlite:///"))
        other.execute("BEGIN IMMEDIATE")
        busy = elms.verify(NUMBER, RIGHT)
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
        other.rollback()
        other.close()
        assert elms.verify(NUMBER, RIGHT).json()["verified"]


@postgres_only
def test_a_database_that_goes_and_comes_back_is_found_again(elms: Elms) -> None:
    assert elms.verify(NUMBER, RIGHT).json()["verified"]
    let_in(elms, False)
    gone = elms.verify(NUMBER, WRONG)
    assert (gone.status_code, gone.headers["Retry-After"]) == (503, "5")
    assert elms.client.get("/ready").status_code == 503
    assert elms.client.get("/health").status_code == 200
    assert Visitor(elms).get("/sign-in").status_code == 200
    let_in(elms, True)
    assert elms.client.get("/ready").status_code == 200
    assert elms.verify(NUMBER, RIGHT).json()["verified"]
    with elms.context.database.read() as session:
        assert Counter(session.scalars(select(Attempt.result))) == {"verified": 2}


def let_in(elms: Elms, allowed: bool) -> None:
    """Have PostgreSQL end every connection to the database and take no new ones, or take them."""
    name = elms.context.database.engine.url.database
    engine = create_engine(str(POSTGRES), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {allowed}'))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": name},
        )
    engine.dispose()
