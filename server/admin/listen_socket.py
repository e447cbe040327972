"""The socket and the certificate, tried before the service says where it is."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from typing import Any, ClassVar

from server.errors import SettingsError
from server.settings import Settings
from server.web.gate import Connection, Gate

BUFFER_BYTES = 65_536
"""Kernel buffer for one connection, each direction; Linux doubles it."""
ACCEPTED_AT_ONCE = 8
"""Connections accepted per turn of the event loop; the rest wait in the kernel."""
REFUSED_AT_ONCE = 64
"""Connections refused per turn, which is cheap."""
OUT_OF_RESOURCES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def check_certificate(settings: Settings) -> None:
    """Load the certificate once, before anything listens. Raises SettingsError."""
    if settings.tls_certificate is None:
        return
    try:
        trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trusted.load_cert_chain(settings.tls_certificate, settings.tls_key, _no_password)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(
            f"cannot use {settings.tls_certificate} with {settings.tls_key}: "
            f"{error.strerror or error}"
        ) from None


def _no_password() -> str:
    raise SettingsError("the private key requires a password; use one without")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingsError where there can be none.

    It names its protocol: asyncio sends small answers at once (TCP_NODELAY) only over sockets that
    do. Without it head and body of an answer, two packets, are 40 ms apart.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(socket.SOMAXCONN)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port"
        ) from None
    return listening


class Guest(socket.socket):
    """An accepted connection's socket; closing it tells the gate."""

    _of_descriptor: ClassVar[dict[int, Guest]] = {}
    connection: Connection | None = None
    gate: Gate

    @classmethod
    def connection_of(cls, transport: asyncio.BaseTransport) -> Connection | None:
        """The gate's record of a transport's connection; None if it was dropped a moment ago."""
        guest = cls._of_descriptor.get(transport.get_extra_info("socket").fileno())
        return guest.connection if guest is not None else None

    def has_gone(self) -> bool:
        """Return True if the client hung up while it was waiting to be accepted."""
        self.setblocking(False)
        try:
            return self.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def enter(self, gate: Gate, host: str) -> bool:
        """Register with the gate; return whether the connection may stay."""
        self.gate = gate
        self.connection = gate.enter(host, self._hang_up)
        if self.connection is not None:
            self._of_descriptor[self.fileno()] = self
        return self.connection is not None

    def close(self) -> None:
        """Close, and leave the gate."""
        self._of_descriptor.pop(self.fileno(), None)
        super().close()
        if self.connection is not None:
            self.gate.leave(self.connection)
            self.connection = None

    def _hang_up(self) -> None:
        """Abort a TLS handshake: asyncio owns the descriptor, sees end of file, and closes."""
        self._of_descriptor.pop(self.fileno(), None)
        try:
            self.shutdown(socket.SHUT_RDWR)
        except OSError:  # already disconnected
            return


class Door(socket.socket):
    """A listening socket that asks the gate before asyncio sees a connection.

    asyncio alone accepts until the process is out of file descriptors, and then logs a traceback
    for each waiting connection.
    """

    gate: Gate
    _kind: tuple[int, int, int]

    @classmethod
    def of(cls, listening: socket.socket, gate: Gate) -> Door:
        """Take over a listening socket."""
        family, kind, protocol = listening.family, listening.type, listening.proto
        door = cls(family, kind, protocol, fileno=listening.detach())
        door.gate, door._kind = gate, (family, kind, protocol)
        for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            door.setsockopt(socket.SOL_SOCKET, buffer, BUFFER_BYTES)
        return door

    def listen(self, _backlog: int = 0, /) -> None:
        """Listen with the kernel's longest queue, however few are accepted at once."""
        super().listen(socket.SOMAXCONN)

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection that the gate admits. Raises BlockingIOError if there is none."""
        for _ in range(REFUSED_AT_ONCE):
            plain, address = self._accept_one()
            guest = Guest(*self._kind, fileno=plain.detach())
            if not guest.has_gone() and guest.enter(self.gate, address[0]):
                return guest, address
            guest.close()
        raise BlockingIOError

    def _accept_one(self) -> tuple[socket.socket, Any]:
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in OUT_OF_RESOURCES:
                raise
            self.gate.make_room()
            raise BlockingIOError from None
