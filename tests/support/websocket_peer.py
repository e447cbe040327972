"""The PBX's end of a real WebSocket."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import websockets
from websockets.asyncio.client import ClientConnection


class Socket:
    """A connection, as the double of Asterisk uses it."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._received: list[str | bytes] = []
        self._closed = False
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with suppress(websockets.ConnectionClosedError):
            async for message in self._connection:
                self._received.append(message)
        self._closed = True

    async def send(self, message: str | bytes) -> None:
        """Nothing is raised once the peer is gone."""
        with suppress(websockets.ConnectionClosed):
            await self._connection.send(message)

    def received(self) -> list[str | bytes]:
        """What came since the last time."""
        messages, self._received = self._received, []
        return messages

    def is_closed(self) -> bool:
        """Whether the service has closed it."""
        return self._closed

    async def close(self) -> None:
        """Hang up."""
        await self._connection.close()
        await self._reading
