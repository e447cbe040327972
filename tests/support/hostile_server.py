"""A server that answers byte by byte, too much, not at all, and never rightly."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    """Answer every request so, at the address that is given; nothing is left behind."""
    busy: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        busy.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if length := re.search(rb"content-length: (\d+)", head.lower()):
                await reader.readexactly(int(length[1]))
            await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            busy.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tuple(busy):
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


def says(*pieces: bytes, every_s: float = 0.0, for_ever: bool = False) -> Answer:
    """Send the pieces one after the other; ``for_ever`` sends the last again and again."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            await _send(writer, piece, every_s)
        while for_ever:
            await _send(writer, pieces[-1], every_s)

    return answer


def body(content: bytes, *headers: bytes) -> Answer:
    """A whole answer with this content."""
    lines = b"".join(header + b"\r\n" for header in headers)
    return says(HEAD + lines + b"Content-Length: %d\r\n\r\n" % len(content) + content)


async def hangs(writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.sleep(600)


async def _send(writer: asyncio.StreamWriter, piece: bytes, every_s: float) -> None:
    writer.write(piece)
    await writer.drain()
    await asyncio.sleep(every_s)
