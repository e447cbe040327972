"""A real ELMS service in a process of its own, and sockets of people who mean it no good.

Everything is loopback. 127.0.0.1 is where the bot lives; strangers come from 127.0.0.2.
"""

from __future__ import annotations

import http.client
import os
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx

from server.seed.demonstration import ACCOUNTS
from tests.support.elms_service import BOT, fresh_database
from tests.support.patience import SCALE

NUMBER, PIN = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""
BOTS, STRANGERS = "127.0.0.1", "127.0.0.2"
PATIENCE_S = 15.0 * SCALE
"""Longer than any limit in these tests, shorter than any that is not there."""
SMALL = {
    "NETWORK__CONNECTIONS": "24",
    "NETWORK__CONNECTIONS_PER_ADDRESS": "6",
    "NETWORK__UNLIMITED_ADDRESSES": '["127.0.0.1/32"]',
    "NETWORK__HANDSHAKE_S": "2",
    "NETWORK__HEAD_S": "2",
    "NETWORK__BODY_S": "2",
    "NETWORK__ANSWER_S": "3",
    "NETWORK__REFUSED_S": "0.1",
    "LIMITS__PAGE_REQUESTS_PER_MINUTE": "100000",
    "LOG_LEVEL": "INFO",
}
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclass
class Served:
    """A running service."""

    address: str
    port: int
    process: subprocess.Popen[str]
    folder: Path
    trusted: ssl.SSLContext | bool = True
    asked: list[socket.socket] = field(default_factory=list)
    """Connections that its identity provider has got."""

    def connect(self, source: str = BOTS) -> socket.socket:
        """A connection whose every wait has an end."""
        return socket.create_connection((BOTS, self.port), PATIENCE_S, (source, 0))

    def send(self, *parts: bytes, source: str = BOTS) -> socket.socket:
        """A connection over which something was sent."""
        connected = self.connect(source)
        connected.sendall(b"".join(parts))
        return connected

    def check(self, client: httpx.Client | None = None) -> bool:
        """Whether the bot's PIN check is answered as it should be."""
        if client is None:
            with self.bot() as fresh:
                return self.check(fresh)
        sent = {"license_number": NUMBER, "pin": PIN, "call_id": uuid4().hex}
        answer = client.post("/api/v1/verifications", json=sent)
        return answer.status_code == 200 and bool(answer.json()["verified"])

    def bot(self) -> httpx.Client:
        """The bot's client."""
        return httpx.Client(
            base_url=self.address, headers=BOT, timeout=PATIENCE_S, verify=self.trusted
        )

    @property
    def log(self) -> str:
        """What it wrote to standard error."""
        return (self.folder / "log").read_text()

    def memory_mib(self) -> float:
        """What it has resident, MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024


@contextmanager
def serving(
    folder: Path, settings: Mapping[str, str] | None = None, files: int | None = None
) -> Iterator[Served]:
    """A service with small limits over a fresh database; ``settings`` are its environment.

    It may open ``files`` files, and may write a core file as far as this process may.
    """

    def limit() -> None:
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))
        if files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    with fresh_database(folder) as url, (folder / "log").open("w") as log:
        given = {
            f"ELMS_SERVER_{name}": value for name, value in (SMALL | dict(settings or {})).items()
        }
        given |= {"ELMS_SERVER_MAIL__FOLDER": str(folder / "mail"), "TMPDIR": str(folder)}
        command = [sys.executable, "-m", "server", "serve", "--demo", "--port", "0"]
        with subprocess.Popen(
            [*command, "--database", url],
            env={**os.environ, **given},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=limit,  # noqa: PLW1509 - it takes no lock
        ) as process:
            try:
                assert process.stdout is not None
                address = process.stdout.readline().split()[-1]
                yield Served(address, int(address.rpartition(":")[2]), process, folder)
            finally:
                process.kill()


def rest_of(connected: socket.socket) -> bytes:
    """All that still comes until the service ends the connection; a wait without end fails."""
    got = b""
    try:
        while piece := connected.recv(65_536):
            got += piece
    except ConnectionError:
        pass
    return got


def answer_of(connected: socket.socket) -> bytes:
    """A whole answer's status line."""
    answer = http.client.HTTPResponse(connected)
    answer.begin()
    answer.read()
    return b"HTTP/1.1 %d %s" % (answer.status, answer.reason.encode())


def open_ones(connections: list[socket.socket]) -> int:
    """How many the service has not ended; what came on them is read."""
    return sum(_is_open(each) for each in connections)


def _is_open(connected: socket.socket) -> bool:
    connected.setblocking(False)
    try:
        while connected.recv(65_536):
            continue
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    return False


def soon(holds: object, within_s: float = PATIENCE_S) -> bool:
    """Whether something holds before long."""
    assert callable(holds)
    ends_at = time.monotonic() + within_s
    while time.monotonic() < ends_at:
        if holds():
            return True
        time.sleep(0.05)
    return False


class Trickle:
    """Sends a byte after another over a connection, until it is ended or told to stop."""

    def __init__(self, connected: socket.socket, data: bytes, every_s: float = 0.1) -> None:
        self._stopped = threading.Event()
        self._connected, self._data, self._every_s = connected, data, every_s
        self.thread = threading.Thread(target=self._send, daemon=True)
        self.thread.start()

    def _send(self) -> None:
        for byte in self._data:
            if self._stopped.wait(self._every_s):
                return
            try:
                self._connected.send(bytes((byte,)))
            except OSError:
                return

    def stop(self) -> None:
        """Send no more."""
        self._stopped.set()
        self.thread.join()
