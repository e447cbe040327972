"""A mail server on loopback that keeps every message it takes, with or without STARTTLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from tests.support.patience import PATIENCE_S


@dataclass
class Mailbox:
    """What a mail server has taken, in order; ``protected`` says which came over TLS.

    While it ``refuses``, it takes none.
    """

    port: int
    refuses: bool = False
    messages: list[Message] = field(default_factory=list)
    protected: list[bool] = field(default_factory=list)

    @property
    def subjects(self) -> list[str]:
        return [str(each["Subject"]) for each in self.messages]

    @property
    def plainly(self) -> dict[str, Any]:
        """Settings with which mail goes here without TLS."""
        return {"smtp_host": "127.0.0.1", "smtp_port": self.port, "starttls": False}


@contextmanager
def taking_mail(tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """A server that offers STARTTLS where it has a context for it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        mailbox = Mailbox(listening.getsockname()[1])

        def take() -> None:
            while True:
                try:
                    connected = listening.accept()[0]
                except OSError:
                    return
                connected.settimeout(PATIENCE_S)
                with suppress(OSError):
                    _Conversation(connected, mailbox, tls).run()

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        try:
            yield mailbox
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE_S)


class _Conversation:
    """One client's SMTP (RFC 5321)."""

    def __init__(
        self, connected: socket.socket, mailbox: Mailbox, tls: ssl.SSLContext | None
    ) -> None:
        self._socket = connected
        self._mailbox = mailbox
        self._tls = tls
        self._lines = connected.makefile("rb")

    def run(self) -> None:
        """Until the client quits or hangs up."""
        with self._socket:
            if self._mailbox.refuses:
                self._say("421 come again")
                return
            self._say("220 mail.test")
            while line := self._lines.readline():
                match line.split()[0].upper():
                    case b"EHLO":
                        self._say("250-mail.test\r\n250 STARTTLS" if self._tls else "250 mail.test")
                    case b"STARTTLS" if self._tls is not None:
                        self._say("220 go ahead")
                        self._protect(self._tls)
                    case b"DATA":
                        self._say("354 go ahead")
                        self._take()
                        self._say("250 taken")
                    case b"QUIT":
                        self._say("221 goodbye")
                        return
                    case _:
                        self._say("250 ok")

    def _say(self, line: str) -> None:
        self._socket.sendall(line.encode() + b"\r\n")

    def _protect(self, tls: ssl.SSLContext) -> None:
        self._socket = tls.wrap_socket(self._socket, server_side=True)
        self._lines = self._socket.makefile("rb")
        self._tls = None

    def _take(self) -> None:
        lines: list[bytes] = []
        while (line := self._lines.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self._mailbox.messages.append(message_from_bytes(b"".join(lines)))
        self._mailbox.protected.append(isinstance(self._socket, ssl.SSLSocket))
