"""What a notice says and to whom, and the file it is where there is no mail server (S11)."""

from __future__ import annotations

import email
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from server.domain import NoticeKind
from server.models import Educator, OutboxNotice
from server.services.outbox import compose, deliver, post
from tests.support.elms_service import Elms, running_elms

pytestmark = pytest.mark.server

SAYS = {
    NoticeKind.PIN_SET: "A four-digit Educator PIN was set in your ELMS account.",
    NoticeKind.PIN_CHANGED: "The old PIN no longer works.",
    NoticeKind.LOCKED: "Sign in there to unlock telephone access or to choose another PIN.",
    NoticeKind.UNLOCKED: "You can use the telephone for your account again.",
    NoticeKind.RESET: "Open https://elms.test/pin and sign in to choose a PIN.",
}


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    mail = {"folder": tmp_path / "mail", "sender": "licensure@elms.test"}
    with running_elms(tmp_path, mail=mail, public_url="https://elms.test") as running:
        yield running


def text_of(message: EmailMessage) -> str:
    body = message.get_body()
    assert body is not None
    return " ".join(str(body.get_content()).split())


def test_each_kind_of_notice_says_what_happened_and_whom_to_call(elms: Elms) -> None:
    assert set(SAYS) == set(NoticeKind)
    for kind, words in SAYS.items():
        message = compose(elms.context, "odessa@elms.test", kind)
        assert message["From"] == "licensure@elms.test"
        assert message["To"] == "odessa@elms.test"
        assert message["Date"] == "Mon, 05 Dec 2022 16:00:00 +0000"
        text = text_of(message)
        assert words in text
        assert "{address}" not in text
        assert "call the Licensure Call Center at 601-359-3483" in text
        assert text.endswith("Division of Educator Licensure")


def test_without_a_mail_server_each_notice_is_a_file_of_its_own(elms: Elms, tmp_path: Path) -> None:
    with elms.context.database.write() as session:
        first, second = session.scalars(select(Educator).order_by(Educator.id).limit(2))
        post(session, second.id, NoticeKind.LOCKED, elms.clock.now)
        post(session, first.id, NoticeKind.RESET, elms.clock.now + timedelta(seconds=1))
        addresses = [second.email, first.email]
    elms.clock.move(hours=1)
    assert deliver(elms.context) == 2
    files = sorted((tmp_path / "mail").iterdir())
    assert [file.name for file in files] == [
        "20221205T160000-000001.eml",
        "20221205T160001-000002.eml",
    ]
    messages = [
        email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in files
    ]
    assert [message["To"] for message in messages] == addresses
    with elms.context.database.read() as session:
        rows = session.scalars(select(OutboxNotice).order_by(OutboxNotice.id)).all()
    assert [(row.sent_at, row.claimed_at) for row in rows] == [(elms.clock.now,) * 2] * 2
    assert deliver(elms.context) == 0


@pytest.mark.parametrize(
    ("offset", "sent"),
    [
        (timedelta(minutes=-5, seconds=-1), 1),
        (timedelta(minutes=-5), 0),
        (timedelta(0), 0),
        (timedelta(minutes=5), 0),
        (timedelta(minutes=5, seconds=1), 1),
    ],
)
def test_a_claim_holds_for_five_minutes_on_either_side(
    elms: Elms, offset: timedelta, sent: int
) -> None:
    """A claim that lies further ahead was made by a clock that was."""
    now = elms.clock.now
    with elms.context.database.write() as session:
        person = session.scalars(select(Educator.id).limit(1)).one()
        session.add(
            OutboxNotice(educator_id=person, kind="locked", created_at=now, claimed_at=now + offset)
        )
        session.add(
            OutboxNotice(
                educator_id=person,
                kind="locked",
                created_at=now,
                claimed_at=now - timedelta(days=1),
                sent_at=now - timedelta(days=1),
            )
        )
    assert deliver(elms.context) == sent
