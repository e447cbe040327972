"""What a connection must not do, over real sockets: answer no ping, or send what no PBX sends.

The limits are shortened, so that a minute of silence takes half a second.
"""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from bot.clock import RealTimer
from bot.serving import server as serving
from bot.settings import Serve
from tests.support.asterisk import Channel
from tests.support.asterisk_call import caller_variables
from tests.support.telephone import Office

pytestmark = [pytest.mark.call, pytest.mark.timeout(120)]

PING, CLOSE, TEXT, BINARY, FINAL, MASKED = 0x9, 0x8, 0x1, 0x2, 0x80, 0x80
UNMASKED = bytes(4)
"""A mask that leaves every byte as it is."""


class RawPeer:
    """The PBX's end of a connection, which answers nothing by itself (RFC 6455)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> RawPeer:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        asked = (
            "GET /media HTTP/1.1", "Host: ivr.test", "Upgrade: websocket", "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: media",
        )  # fmt: skip
        writer.write(("\r\n".join(asked) + "\r\n\r\n").encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101")
        return cls(reader, writer)

    def send(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes([MASKED | size]) if size < 126 else bytes([MASKED | 126, *divmod(size, 256)])
        self._writer.write(bytes([FINAL | kind]) + length + UNMASKED + payload)

    async def kinds(self) -> set[int]:
        """What kinds of frames come, until the connection ends."""
        found: set[int] = set()
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                kind, length = await self._reader.readexactly(2)
                if length == 126:
                    length = int.from_bytes(await self._reader.readexactly(2), "big")
                await self._reader.readexactly(length)
                found.add(kind & 0xF)
        self._writer.close()
        return found


def with_service(office: Office, story: Callable[[int], Awaitable[None]]) -> None:
    """Run a story with the port of a served application."""

    async def run() -> None:
        listening = serving.listen("127.0.0.1", 0)
        server = serving.server_of(office.app, Serve())
        running = asyncio.create_task(server.serve(sockets=[listening]))
        await server.up.wait()
        await story(listening.getsockname()[1])
        server.should_exit = True
        await running

    asyncio.run(run())


async def begun(port: int) -> RawPeer:
    peer = await RawPeer.connect(port)
    peer.send(TEXT, Channel(variables=caller_variables()).start().encode())
    return peer


def test_a_peer_that_answers_no_ping_has_hung_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gone without a word, while nothing ends its connection: asterisk issue 1722 is the other
    side of it, and pings are far enough apart for a busy machine."""
    assert (serving.PING_EVERY_S, serving.PONG_WITHIN_S) == (20.0, 60.0)
    monkeypatch.setattr(serving, "PING_EVERY_S", 0.2)
    monkeypatch.setattr(serving, "PONG_WITHIN_S", 0.3)
    office = Office(timer=RealTimer())

    async def story(port: int) -> None:
        kinds = await (await begun(port)).kinds()
        assert PING in kinds
        while office.exchange.there:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    with_service(office, story)
    assert office.record.outcome.outcome == "hangup"


def test_an_invalid_message_ends_only_its_own_call() -> None:
    office = Office(timer=RealTimer())

    async def story(port: int) -> None:
        large, other = await begun(port), await begun(port)
        large.send(BINARY, bytes(16_000))
        large.send(BINARY, bytes(16 * 1024 + 2))
        assert CLOSE in await large.kinds()
        while office.exchange.there != 1:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        other.send(CLOSE, b"")
        await other.kinds()

    with_service(office, story)
    assert [one.outcome.outcome for one in office.backend.stored] == ["hangup", "hangup"]
