"""Hostile clients of the ELMS service, of one kind at a time; loopback only.

Run by ``benchmarks.load.hostile`` in a separate process, until its standard input ends::

    python -m benchmarks.load.attackers "half head" 127.0.0.1:8022 500

When the service closes a connection, it is opened again. Prints the number of connections open at
the end, and in total.
"""

from __future__ import annotations

import asyncio
import itertools
import ssl
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

SLOW_S = 0.5
AGAIN_S = 0.05
PIECE = b"x" * 65_536
HOST = b"Host: 127.0.0.1\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
HOPELESS = 5.0
"""Maximum wait for a response, seconds."""


@dataclass(slots=True)
class Peer:
    """One connection to the service."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send, and wait until the service reads."""
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> None:
        """Read a response, or part of a large one; raises if the connection has ended."""
        async with asyncio.timeout(HOPELESS):
            if not await self.reader.read(65_536):
                raise ConnectionError

    async def ended(self) -> None:
        """Wait until the service closes the connection."""
        while await self.reader.read(65_536):
            pass
        raise ConnectionError


Attack = Callable[[Peer, int], Awaitable[None]]


async def idle(peer: Peer, _number: int) -> None:
    """Send nothing."""
    await peer.ended()


async def half_head(peer: Peer, _number: int) -> None:
    """Send only the start of a request."""
    await peer.send(b"GET /health HTTP/1.1\r\n" + HOST + b"X: ")
    await peer.ended()


async def slow_head(peer: Peer, _number: int) -> None:
    """Send a head byte by byte."""
    for byte in itertools.chain(b"GET /health HTTP/1.1\r\n" + HOST, itertools.cycle(b"X: y\r\n")):
        await peer.send(bytes((byte,)))
        await asyncio.sleep(SLOW_S)


async def kept_alive(peer: Peer, _number: int) -> None:
    """Send one request, and keep the connection."""
    await peer.send(b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n")
    await peer.ended()


async def slow_body(peer: Peer, _number: int) -> None:
    """Send a form byte by byte."""
    await peer.send(b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 9000\r\n\r\n")
    while True:
        await peer.send(b"a")
        await asyncio.sleep(SLOW_S)


async def huge_body(peer: Peer, _number: int) -> None:
    """Send the API 400 MB with a Content-Length, without a credential."""
    await peer.send(
        b"POST /api/v1/verifications HTTP/1.1\r\n"
        + HOST
        + b"Content-Type: application/json\r\nContent-Length: 400000000\r\n\r\n"
    )
    for _ in range(400_000_000 // len(PIECE)):
        await peer.send(PIECE)


async def endless_body(peer: Peer, _number: int) -> None:
    """Send a form in chunks that never end."""
    await peer.send(
        b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Transfer-Encoding: chunked\r\n\r\n"
    )
    while True:
        await peer.send(b"10000\r\n" + PIECE + b"\r\n")


async def huge_form(peer: Peer, _number: int) -> None:
    """Send 300 MB as a file in a form."""
    await peer.send(
        b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Type: multipart/form-data; boundary=b\r\n"
        b"Content-Length: 300000000\r\n\r\n"
        b'--b\r\nContent-Disposition: form-data; name="username"; filename="f"\r\n\r\n'
    )
    for _ in range(300_000_000 // len(PIECE)):
        await peer.send(PIECE)


async def pages(peer: Peer, _number: int) -> None:
    """Request a page repeatedly."""
    while True:
        await peer.send(b"GET /sign-in HTTP/1.1\r\n" + HOST + b"\r\n")
        await peer.answer()


async def readiness(peer: Peer, _number: int) -> None:
    """Request the readiness repeatedly."""
    while True:
        await peer.send(b"GET /ready HTTP/1.1\r\n" + HOST + b"\r\n")
        await peer.answer()


async def passwords(peer: Peer, number: int) -> None:
    """Try passwords for invented names."""
    for attempt in itertools.count():
        fields = b"form=f&username=name%d.%d&password=wrong" % (number, attempt)
        await _post_sign_in(peer, fields)


async def ampersands(peer: Peer, _number: int) -> None:
    """Send forms that take longest to parse."""
    while True:
        await _post_sign_in(peer, b"&" * 16_000)


async def _post_sign_in(peer: Peer, fields: bytes) -> None:
    length = b"Content-Length: %d\r\n" % len(fields)
    head = b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Cookie: elms-form=f\r\n" + length
    await peer.send(head + b"\r\n" + fields)
    await peer.answer()


async def many_fields(peer: Peer, _number: int) -> None:
    """Send heads with thousands of fields."""
    while True:
        await peer.send(b"GET /health HTTP/1.1\r\n" + HOST + b"a:b\r\n" * 3_000 + b"\r\n")
        await peer.answer()


async def many_cookies(peer: Peer, _number: int) -> None:
    """Send cookies that look like those of known browsers."""
    cookies = b"Cookie: " + b"elms-known-0123456789ab=WyJh.bcd.efg; " * 400 + b"\r\n"
    while True:
        await peer.send(b"GET /sign-in HTTP/1.1\r\n" + HOST + cookies + b"\r\n")
        await peer.answer()


async def tiny_chunks(peer: Peer, _number: int) -> None:
    """Send a form in chunks of one byte."""
    head = b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM + b"Transfer-Encoding: chunked\r\n\r\n"
    await peer.send(head + b"1\r\na\r\n" * 16_000 + b"0\r\n\r\n")
    await peer.answer()


async def single_sign_on(peer: Peer, _number: int) -> None:
    """Make the service call its identity provider, which does not respond."""
    while True:
        await peer.send(b"GET /sso HTTP/1.1\r\n" + HOST + b"\r\n")
        await peer.answer()


async def pipelined(peer: Peer, _number: int) -> None:
    """Send many requests at once."""
    while True:
        await peer.send((b"GET /health HTTP/1.1\r\n" + HOST + b"\r\n") * 100)
        await peer.answer()


async def unread(peer: Peer, _number: int) -> None:
    """Request a lot, and read nothing."""
    while True:
        await peer.send(b"GET /static/elms.css HTTP/1.1\r\n" + HOST + b"\r\n")


async def reconnecting(_peer: Peer, _number: int) -> None:
    """Connect, and disconnect."""


ATTACKS: dict[str, Attack] = {
    "idle": idle,
    "half head": half_head,
    "slow head": slow_head,
    "kept alive": kept_alive,
    "slow body": slow_body,
    "huge body": huge_body,
    "endless body": endless_body,
    "huge form": huge_form,
    "pages": pages,
    "readiness": readiness,
    "passwords": passwords,
    "ampersands": ampersands,
    "many fields": many_fields,
    "many cookies": many_cookies,
    "tiny chunks": tiny_chunks,
    "single sign-on": single_sign_on,
    "pipelined": pipelined,
    "unread": unread,
    "reconnecting": reconnecting,
    "stalled TLS": idle,
    "TLS, reconnecting": reconnecting,
    "TLS, pages": pages,
}


@dataclass(slots=True)
class Tally:
    """Connections open now, and in total."""

    opened: int = 0
    in_all: int = 0


async def attack(kind: str, host: str, port: int, count: int) -> Tally:
    """Hold ``count`` connections of a kind until standard input ends."""
    tally = Tally()
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    tls = unverified if kind.startswith("TLS") else None

    async def worker(number: int) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection(host, port, ssl=tls)
            except OSError:
                await asyncio.sleep(AGAIN_S)
                continue
            tally.opened += 1
            tally.in_all += 1
            try:
                await ATTACKS[kind](Peer(reader, writer), number)
            except (OSError, TimeoutError):
                await asyncio.sleep(AGAIN_S)
            finally:
                tally.opened -= 1
                writer.transport.abort()

    workers = [asyncio.create_task(worker(number)) for number in range(count)]
    await asyncio.to_thread(sys.stdin.buffer.read)
    held = Tally(tally.opened, tally.in_all)
    for each in workers:
        each.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return held


def main() -> None:
    """Attack the address on the command line, on this computer only."""
    kind, address, count = sys.argv[1:]
    host, _, port = address.rpartition(":")
    if not host.startswith("127."):
        sys.exit("attackers: give an address on this computer, 127.x.x.x:PORT")
    held = asyncio.run(attack(kind, host, int(port), int(count)))
    print(held.opened, held.in_all)


if __name__ == "__main__":
    main()
