"""Whoever reaches the port holds connections open: the service and the bot go on (S16).

A real service with small limits, real sockets. Each test fails where the limit is not there: a
connection that stays open is waited for in vain.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.load.certificates import certificate
from tests.support.hostile import (
    HEALTH,
    STRANGERS,
    Served,
    Trickle,
    answer_of,
    open_ones,
    rest_of,
    serving,
    soon,
)

pytestmark = pytest.mark.server

HALF_HEAD = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: "
SIGN_IN = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"
PUT = b"PUT /api/v1/calls/x HTTP/1.1\r\nHost: localhost\r\n"
CONNECTIONS, PER_ADDRESS = 24, 6


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(Path(tmp_path_factory.mktemp("served"))) as running:
        yield running


def hold(
    served: Served, count: int, *parts: bytes, source: str = "127.0.0.1"
) -> list[socket.socket]:
    return [served.send(*parts, source=source) for _ in range(count)]


@pytest.mark.parametrize("begun", [b"", b"G", HALF_HEAD])
def test_a_request_without_a_head_is_ended(served: Served, begun: bytes) -> None:
    held = hold(served, 5, begun)
    assert served.check()
    assert [rest_of(each) for each in held] == [b""] * 5


def test_a_head_sent_byte_by_byte_is_ended(served: Served) -> None:
    connected = served.send(HALF_HEAD)
    trickle = Trickle(connected, b"y" * 1_000)
    assert rest_of(connected) == b""
    trickle.stop()


def test_a_head_on_a_kept_alive_connection_has_the_time_of_the_first(served: Served) -> None:
    connected = served.send(HEALTH)
    assert answer_of(connected) == b"HTTP/1.1 200 OK"
    connected.sendall(HALF_HEAD)
    assert rest_of(connected) == b""


def test_a_body_sent_byte_by_byte_is_answered_and_ended(served: Served) -> None:
    connected = served.send(SIGN_IN, b"Content-Length: 9000\r\n\r\n")
    trickle = Trickle(connected, b"a" * 1_000)
    assert rest_of(connected).startswith(b"HTTP/1.1 408 ")
    trickle.stop()


def test_an_answer_that_nobody_reads_is_ended(served: Served) -> None:
    connected = served.connect()
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    asked = b"GET /static/elms.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100
    with pytest.raises(ConnectionError):
        for _ in range(20_000):
            connected.sendall(asked)


def test_the_number_of_connections_is_limited_and_the_oldest_one_makes_room(served: Served) -> None:
    held = hold(served, CONNECTIONS * 2, HEALTH)
    assert served.check()
    assert soon(lambda: open_ones(held) <= CONNECTIONS)
    assert open_ones(held[:CONNECTIONS]) <= 1  # what came first went first
    assert open_ones(held[CONNECTIONS:]) >= CONNECTIONS - 2


def test_the_bots_connection_is_never_closed_for_another(served: Served) -> None:
    with served.bot() as bot:
        assert served.check(bot)
        hold(served, CONNECTIONS * 2, HALF_HEAD)
        assert served.check(bot)
        assert len(bot._transport._pool.connections) == 1  # type: ignore[attr-defined]


def test_each_address_has_its_own_limit_of_connections(served: Served) -> None:
    held = hold(served, PER_ADDRESS * 3, source=STRANGERS)
    assert soon(lambda: open_ones(held) <= PER_ADDRESS)
    others = hold(served, PER_ADDRESS, HEALTH, source="127.0.0.3")
    assert {answer_of(each) for each in others} == {b"HTTP/1.1 200 OK"}
    assert served.check()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"X: y\r\n" * 100 + b"\r\n", 400),
    ],
    ids=["two lengths", "chunks", "a hundred fields"],
)
def test_costly_or_ambiguous_requests_are_not_parsed(
    served: Served, sent: bytes, said: int
) -> None:
    """The next request on the same connection is not answered: where it begins is unknown."""
    connected = served.send(SIGN_IN, sent, HEALTH)
    got = rest_of(connected)
    assert got.startswith(b"HTTP/1.1 %d " % said)
    assert got.count(b"HTTP/1.1 ") == 1


def test_an_upgrade_does_not_escape_the_limits(served: Served) -> None:
    connected = served.send(
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert answer_of(connected) == b"HTTP/1.1 200 OK"
    connected.sendall(HALF_HEAD)
    rest_of(connected)


def test_nonsense_leaves_no_traceback_and_few_log_lines(served: Served) -> None:
    before = len(served.log)
    for _ in range(50):
        early = served.send(PUT, b"Content-Length: 50\r\n\r\n")
        answer_of(early)
        early.sendall(b"x" * 50 + b"\0\1\2 nonsense\r\n\r\n")
        for nonsense in (b"\0\xff\r\n\r\n", b"GET / HTTP/nine\r\n\r\n", b"\x16\x03\x01\x02\x00"):
            served.send(nonsense).close()
        early.close()
    assert served.check()
    written = served.log[before:]
    assert "Traceback" not in written
    assert written.count("\n") < 40


# -- descriptors, TLS, memory dumps ------------------------------------------------------------


def test_a_process_with_few_descriptors_accepts_fewer_connections(tmp_path: Path) -> None:
    with serving(tmp_path, {"NETWORK__CONNECTIONS": "1000"}, files=300) as served:
        held = hold(served, 400, HALF_HEAD)
        assert served.check()
        assert "Traceback" not in served.log
        assert len(served.log) < 20_000
        for each in held:
            each.close()


def test_the_process_leaves_no_core_file(served: Served) -> None:
    limits = Path(f"/proc/{served.process.pid}/limits").read_text().splitlines()
    core = next(line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_a_tls_handshake_that_stalls_is_ended(tmp_path: Path) -> None:
    signed, key = certificate(tmp_path / "tls")
    settings = {"TLS_CERTIFICATE": str(signed), "TLS_KEY": str(key)}
    with serving(tmp_path, settings) as served:
        served.trusted = ssl.create_default_context(cafile=str(signed))
        served.address = f"https://localhost:{served.port}"
        assert served.check()
        held = hold(served, CONNECTIONS) + hold(served, CONNECTIONS, b"\x16\x03\x01\x02\x00\x01")
        assert served.check()
        assert soon(lambda: open_ones(held) == 0)
        assert "Traceback" not in served.log
