"""Notices: each leaves once, to the right person, and over TLS to the right server (S11).

Letters are counted where they leave: at the mail server.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import select

from benchmarks.load.certificates import certificate
from server.domain import NoticeKind
from server.models import Educator, OutboxNotice
from server.services import outbox
from server.services.outbox import deliver, post
from tests.support.elms_service import Elms, running_elms
from tests.support.mail_server import Mailbox, taking_mail

pytestmark = pytest.mark.server

SUBJECTS = {
    NoticeKind.PIN_SET: "Your Educator PIN was set",
    NoticeKind.PIN_CHANGED: "Your Educator PIN was changed",
    NoticeKind.LOCKED: "Telephone access to your account is locked",
    NoticeKind.UNLOCKED: "Telephone access to your account is unlocked",
    NoticeKind.RESET: "Set a new Educator PIN",
}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with taking_mail() as taken:
        yield taken


@pytest.fixture
def elms(tmp_path: Path, mailbox: Mailbox) -> Iterator[Elms]:
    with running_elms(tmp_path, mail=mailbox.plainly) as running:
        yield running


def write(elms: Elms, kind: NoticeKind = NoticeKind.LOCKED, place: int = 0) -> str:
    """A notice for the educator at this place; returns the address."""
    with elms.context.database.write() as session:
        found = session.scalars(select(Educator).order_by(Educator.id).offset(place).limit(1)).one()
        post(session, found.id, kind, elms.clock.now)
        return found.email


def waiting(elms: Elms) -> int:
    with elms.context.database.read() as session:
        unsent = select(OutboxNotice).where(OutboxNotice.sent_at.is_(None))
        return len(session.scalars(unsent).all())


# -- once --------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [0, 4, 5, 6, 60, 60 * 24 * 30])
def test_a_sent_notice_is_not_sent_again(elms: Elms, mailbox: Mailbox, minutes: int) -> None:
    write(elms)
    assert deliver(elms.context) == 1
    for _ in range(2):
        elms.clock.move(minutes=minutes, seconds=1)
        assert deliver(elms.context) == 0
    write(elms, NoticeKind.UNLOCKED)
    assert deliver(elms.context) == 1
    assert mailbox.subjects == [SUBJECTS[NoticeKind.LOCKED], SUBJECTS[NoticeKind.UNLOCKED]]


def test_everyone_gets_their_own_notices_in_their_order(elms: Elms, mailbox: Mailbox) -> None:
    first, second = write(elms), write(elms, NoticeKind.PIN_SET, place=1)
    write(elms, NoticeKind.UNLOCKED)
    assert first != second
    assert deliver(elms.context) == 3
    assert [each["To"] for each in mailbox.messages] == [first, second, first]
    assert mailbox.subjects == [
        SUBJECTS[each] for each in (NoticeKind.LOCKED, NoticeKind.PIN_SET, NoticeKind.UNLOCKED)
    ]


@pytest.mark.parametrize("kind", NoticeKind)
def test_each_kind_says_what_happened(elms: Elms, mailbox: Mailbox, kind: NoticeKind) -> None:
    write(elms, kind)
    deliver(elms.context)
    assert mailbox.subjects == [SUBJECTS[kind]]
    body = str(mailbox.messages[0].get_payload())
    assert ("/pin" in body) is (kind is NoticeKind.RESET)
    assert "601-359-3483" in body


def test_a_notice_that_was_not_accepted_is_sent_after_five_minutes(
    elms: Elms, mailbox: Mailbox
) -> None:
    write(elms)
    for _ in range(2):
        mailbox.refuses = True
        assert deliver(elms.context) == 0
        mailbox.refuses = False
        elms.clock.move(minutes=5)
        assert deliver(elms.context) == 0
        elms.clock.move(seconds=1)
    assert deliver(elms.context) == 1
    assert waiting(elms) == 0
    assert mailbox.subjects == [SUBJECTS[NoticeKind.LOCKED]]


# -- the clock of one message --------------------------------------------------------------------


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> list[Timer]:
    """The clocks that were started."""
    started: list[Timer] = []

    class Kept(Timer):
        def start(self) -> None:
            started.append(self)
            super().start()

    monkeypatch.setattr(outbox, "Timer", Kept)
    return started


def test_a_message_has_a_minute_and_its_clock_keeps_no_process_alive(
    elms: Elms, clocks: list[Timer]
) -> None:
    write(elms)
    assert deliver(elms.context) == 1
    (clock,) = clocks
    assert (clock.interval, clock.daemon) == (60, True)


def test_the_clock_of_a_message_stops_with_it(elms: Elms, clocks: list[Timer]) -> None:
    write(elms)
    write(elms, NoticeKind.UNLOCKED)
    assert deliver(elms.context) == 2
    assert [clock.finished.is_set() for clock in clocks] == [True, True]


def test_the_clock_stops_where_no_server_answers(tmp_path: Path, clocks: list[Timer]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "starttls": False}
    with running_elms(tmp_path, mail=mail) as elms:
        write(elms)
        assert deliver(elms.context) == 0
        assert [clock.finished.is_set() for clock in clocks] == [True]


# -- TLS -----------------------------------------------------------------------------------------


def protected(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS for localhost, and the certificate that whoever trusts it needs."""
    file, key = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return context, file


@pytest.mark.parametrize(
    ("trusted", "name", "sent"),
    [
        (True, "localhost", 1),
        (False, "localhost", 0),
        (True, "127.0.0.1", 0),
        (False, "127.0.0.1", 0),
    ],
)
def test_mail_is_sent_only_to_a_server_with_a_trusted_certificate_in_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, name: str, sent: int
) -> None:
    tls, file = protected(tmp_path / "server")
    _, another = protected(tmp_path / "another")
    monkeypatch.setenv("SSL_CERT_FILE", str(file if trusted else another))
    with taking_mail(tls) as mailbox:
        mail = {"smtp_host": name, "smtp_port": mailbox.port}
        with running_elms(tmp_path, mail=mail) as elms:
            write(elms)
            assert deliver(elms.context) == sent
            assert waiting(elms) == 1 - sent
    assert mailbox.protected == [True] * sent


def test_a_server_without_starttls_gets_no_mail_unless_configured(
    tmp_path: Path, mailbox: Mailbox
) -> None:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": mailbox.port}
    with running_elms(tmp_path, mail=mail) as elms:
        write(elms)
        assert deliver(elms.context) == 0
    assert mailbox.messages == []
    with running_elms(tmp_path, mail=mailbox.plainly) as elms:
        write(elms)
        assert deliver(elms.context) == 1
    assert mailbox.protected == [False]
