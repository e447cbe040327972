"""Notices by mail: written in the transaction that they tell of, sent after it (S11).

Delivery is at least once: a process that dies between sending and noting so sends again. One thread
at a time sends mail, so a mail server that hangs blocks no other thread.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from threading import Timer
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.context import Context
from server.domain import NoticeKind
from server.models import Educator, OutboxNotice
from server.settings import Mail

log = structlog.get_logger("elms.server")
CLAIM = timedelta(minutes=5)
SMTP_TIMEOUT_S = 10
SMTP_IN_ALL_S = 60
"""Deadline for one message, seconds, however slowly the mail server responds."""

WORDS: dict[NoticeKind, tuple[str, str]] = {
    NoticeKind.PIN_SET: (
        "Your Educator PIN was set",
        "A four-digit Educator PIN was set in your ELMS account. With it you can hear the status "
        "of your application by telephone.",
    ),
    NoticeKind.PIN_CHANGED: (
        "Your Educator PIN was changed",
        "The Educator PIN of your ELMS account was changed. The old PIN no longer works.",
    ),
    NoticeKind.LOCKED: (
        "Telephone access to your account is locked",
        "Somebody entered a wrong Educator PIN several times, so the telephone no longer answers "
        "for your account. Your ELMS account on the web is not affected. Sign in there to unlock "
        "the telephone or to choose another PIN.",
    ),
    NoticeKind.UNLOCKED: (
        "Telephone access to your account is open again",
        "The telephone answers for your account again.",
    ),
    NoticeKind.RESET: (
        "Set a new Educator PIN",
        "A licensure representative was asked to help you with your Educator PIN. Open {address} "
        "and sign in to choose a PIN. Nobody else can choose it for you, and nobody will ask you "
        "for it in an e-mail.",
    ),
}
CLOSING = (
    "If this was not you, sign in to ELMS, change your PIN, and call the Licensure Call Center at "
    "601-359-3483, weekdays 8 a.m. to 5:30 p.m.\n\nDivision of Educator Licensure"
)


def post(session: Session, educator_id: int, kind: NoticeKind, now: datetime) -> None:
    """Write a notice in the current transaction."""
    session.add(OutboxNotice(educator_id=educator_id, kind=kind.value, created_at=now))


def deliver(context: Context) -> int:
    """Send what waits; return how many went. A fault is logged and left for the next time.

    If another thread is sending already, it sends this notice as well.
    """
    sent, postman = 0, context.postman
    postman.called = True
    while postman.called and postman.busy.acquire(blocking=False):
        try:
            postman.called = False
            sent += _send_all(context)
        finally:
            postman.busy.release()
    return sent


def _send_all(context: Context) -> int:
    sent = 0
    while (claimed := _claim(context)) is not None:
        notice, address = claimed
        message = compose(context, address, NoticeKind(notice.kind))
        try:
            _send(context.settings.mail, message, notice)
        except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
            log.warning("mail.fault", kind=notice.kind, cause=type(error).__name__)
            return sent
        with context.database.write() as session:
            session.execute(
                update(OutboxNotice)
                .where(OutboxNotice.id == notice.id)
                .values(sent_at=context.now())
            )
        sent += 1
    return sent


def compose(context: Context, address: str, kind: NoticeKind) -> EmailMessage:
    """One message; it holds no PIN and no license number, and its link asks to sign in."""
    subject, body = WORDS[kind]
    body = body.replace("{address}", f"{context.settings.address}/pin")
    message = EmailMessage()
    message["From"] = context.settings.mail.sender
    message["To"] = address
    message["Subject"] = subject
    message["Date"] = format_datetime(context.now())
    message.set_content(f"{body}\n\n{CLOSING}\n")
    return message


def _claim(context: Context) -> tuple[OutboxNotice, str] | None:
    now = context.now()
    with context.database.write() as session:
        found = session.execute(
            select(OutboxNotice, Educator.email)
            .join(Educator, Educator.id == OutboxNotice.educator_id)
            .where(
                OutboxNotice.sent_at.is_(None),
                OutboxNotice.claimed_at.is_(None)
                | (OutboxNotice.claimed_at < now - CLAIM)
                | (OutboxNotice.claimed_at > now + CLAIM),  # claimed by a clock that was ahead
            )
            .order_by(OutboxNotice.id)
            .limit(1)
            .with_for_update(of=OutboxNotice, skip_locked=True)
        ).first()
        if found is None:
            return None
        notice, address = found
        notice.claimed_at = now
        return notice, address


def _send(mail: Mail, message: EmailMessage, notice: OutboxNotice) -> None:
    """A file is named by its time as well: after a purge SQLite gives numbers again."""
    if mail.smtp_host is None:
        mail.folder.mkdir(parents=True, exist_ok=True)
        name = f"{notice.created_at:%Y%m%dT%H%M%S}-{notice.id:06}.eml"
        (mail.folder / name).write_bytes(message.as_bytes())
        return
    with _TimedSmtp(mail.smtp_host, mail.smtp_port, timeout=SMTP_TIMEOUT_S) as smtp:
        if mail.starttls:
            smtp.starttls(context=ssl.create_default_context())
        smtp.send_message(message)


class _TimedSmtp(smtplib.SMTP):
    """SMTP with a deadline for the whole conversation; smtplib's timeout is for each read."""

    _timer: Timer | None = None

    def connect(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        """Connect and start the clock."""
        self._timer = Timer(SMTP_IN_ALL_S, self._hang_up)
        self._timer.daemon = True
        self._timer.start()
        try:
            return super().connect(*args, **options)
        except BaseException:
            self._timer.cancel()
            raise

    def close(self) -> None:
        """Close and stop the clock."""
        super().close()
        if self._timer is not None:
            self._timer.cancel()

    def _hang_up(self) -> None:
        """Shut the connection down under the thread that waits on it, with or without TLS."""
        connected = self.sock
        if connected is not None:
            with suppress(OSError):  # closed just now
                socket.socket.shutdown(connected, socket.SHUT_RDWR)
