"""No wait without an end, and none that takes a caller's place: mail, database, hashes (S16)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from server.domain import NoticeKind
from server.errors import BusyError
from server.hashing import Hasher
from server.models import Educator, OutboxNotice
from server.seed.demonstration import ACCOUNTS
from server.services.outbox import deliver, post
from server.settings import HashCost
from tests.support.elms_service import POSTGRES, Elms, running_elms
from tests.support.mail_server import taking_mail
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.server

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
DRIBBLE_S = 0.1


@contextmanager
def mail_server(talk: Callable[[socket.socket], None]) -> Iterator[tuple[int, list[socket.socket]]]:
    """A mail server that talks as it likes; its port, and who has connected."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(listening.accept()[0])
                except OSError:
                    return
                threading.Thread(target=talk, args=(taken[-1],), daemon=True).start()

        threading.Thread(target=take, daemon=True).start()
        yield listening.getsockname()[1], taken
        listening.shutdown(socket.SHUT_RDWR)
        for each in taken:
            each.close()


def silent(_: socket.socket) -> None:
    """Says nothing."""


def dribbling(connected: socket.socket) -> None:
    """Goes on with its greeting byte by byte, so that no single wait is long."""
    try:
        while True:
            connected.send(b"2")
            time.sleep(DRIBBLE_S)
    except OSError:
        return


def with_a_notice(elms: Elms) -> None:
    with elms.context.database.write() as session:
        someone = session.scalars(select(Educator.id).limit(1)).one()
        post(session, someone, NoticeKind.LOCKED, elms.clock.now)


def lock_and_deliver(elms: Elms) -> None:
    with_a_notice(elms)
    deliver(elms.context)


def waiting(elms: Elms) -> int:
    with elms.context.database.read() as session:
        unsent = select(OutboxNotice).where(OutboxNotice.sent_at.is_(None))
        return len(session.scalars(unsent).all())


def test_a_trickling_mail_server_is_abandoned_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.services.outbox.SMTP_IN_ALL_S", 1)
    with mail_server(dribbling) as (port, _):
        mail = {"smtp_host": "127.0.0.1", "smtp_port": port}
        with running_elms(tmp_path, mail=mail) as elms, ThreadPoolExecutor(1) as pool:
            with_a_notice(elms)
            assert pool.submit(deliver, elms.context).result(timeout=PATIENCE_S) == 0
            assert waiting(elms) == 1


def test_a_hung_mail_server_occupies_one_thread_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine who lock accounts meanwhile are answered: the first one's thread sends for all."""
    monkeypatch.setattr("server.services.outbox.SMTP_TIMEOUT_S", PATIENCE_S)
    with mail_server(silent) as (port, taken):
        mail = {"smtp_host": "127.0.0.1", "smtp_port": port}
        with running_elms(tmp_path, mail=mail) as elms, ThreadPoolExecutor(10) as pool:
            for _ in range(3):
                with_a_notice(elms)
            first = pool.submit(deliver, elms.context)
            while not taken:
                time.sleep(0.01)
            others = [pool.submit(deliver, elms.context) for _ in range(9)]
            assert [each.result(timeout=PATIENCE_S) for each in others] == [0] * 9
            assert not first.done()
            assert len(taken) == 1
            monkeypatch.setattr("server.services.outbox.SMTP_TIMEOUT_S", 1)
            taken[0].close()
            first.result(timeout=PATIENCE_S)


def test_a_notice_that_arrives_while_mail_is_sent_is_sent_with_it(tmp_path: Path) -> None:
    with taking_mail() as mailbox, running_elms(tmp_path, mail=mailbox.plainly) as elms:
        for _ in range(5):
            with_a_notice(elms)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: lock_and_deliver(elms), range(20)))
        assert waiting(elms) == 0
        assert len(mailbox.messages) == 25


@pytest.mark.skipif(POSTGRES is not None, reason="about the turns that SQLite's writers take")
def test_a_writer_waits_for_its_turn_no_longer_than_the_database_timeout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.database.BUSY_TIMEOUT_MS", 100)
    with running_elms(tmp_path) as elms, ThreadPoolExecutor(1) as pool:
        with elms.context.database.write():
            answer = pool.submit(elms.verify, NUMBER, RIGHT).result(timeout=PATIENCE_S)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            with pytest.raises(BusyError), elms.context.database.write():
                pass
        assert elms.verify(NUMBER, RIGHT).json()["verified"]


def test_passwords_and_pins_are_hashed_in_separate_thread_pools() -> None:
    """A PIN that comes behind eight passwords is checked while most of them wait."""
    hasher = Hasher("pepper", HashCost(memory_kib=32_768, passes=4, at_once=1, passwords_at_once=1))
    digest = hasher.hash_pin(RIGHT)
    with ThreadPoolExecutor(9) as pool:
        passwords = [pool.submit(hasher.check_password, None, "wrong") for _ in range(8)]
        assert pool.submit(hasher.check_pin, digest, RIGHT).result(timeout=PATIENCE_S)
        assert sum(each.done() for each in passwords) <= 5
