"""Notices by mail: written in the transaction they report, and sent after it (S11).

Delivery is at least once: if a process dies between sending and recording it, the notice is sent
again. Only one thread at a time sends mail, so that a hanging mail server blocks no other thread.
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
        "A four-digit Educator PIN was set in your ELMS account. With it, you can hear the status "
        "of your application by telephone.",
    ),
    NoticeKind.PIN_CHANGED: (
        "Your Educator PIN was changed",
        "The Educator PIN of your ELMS account was changed. The old PIN no longer works.",
    ),
    NoticeKind.LOCKED: (
        "Telephone access to your account is locked",
        "Somebody entered a wrong Educator PIN several times, so telephone access to your account "
        "is locked. Your ELMS account on the web is not affected. Sign in there to unlock "
        "telephone access or to choose another PIN.",
    ),
    NoticeKind.UNLOCKED: (
        "Telephone access to your account is unlocked",
        "You can use the telephone for your account again.",
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
    """Send the waiting notices; return how many were sent. A fault is logged and retried next time.

    If another thread is already sending, it sends this notice too.
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
    """One message; it has no PIN or license number, and its link requires signing in."""
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
    """Send one message, or write it to a file; its name has the time, as SQLite reuses numbers."""
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
    """SMTP with a deadline for the whole conversation; smtplib's timeout applies to each read."""

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
        """Shut down the connection, with or without TLS, while another thread waits on it."""
        connected = self.sock
        if connected is not None:
            with suppress(OSError):  # closed just now
                socket.socket.shutdown(connected, socket.SHUT_RDWR)
