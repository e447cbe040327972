"""Limits on connections: in total, per address, and in time (S16).

uvicorn accepts every connection and waits indefinitely for a request's head. Here a connection is
registered when it is accepted, before its TLS handshake, and is always in a phase with a deadline.
When the limit is reached, the connection that has been in its phase longest is dropped in favor of
the new one. A client that merely holds connections open loses them, and the bot, which sends its
request at once, gets in. A connection with the bot's credential is never dropped for another.

Everything runs in the event loop's thread.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from server.settings_network import Network
from server.web.addresses import address_key, is_in

TRUST = "trust_connection"
"""Key in a request's state: the function to call once the bot's credential has been verified."""
YOUNG_S = 2.0
"""An address at its limit gets a new connection only if its oldest has been in its phase for this
long, seconds. A client that reconnects in a loop is refused, which is cheap."""
CLOSING_S = 5.0
"""Time for a finished connection to flush or to drain, seconds."""


class Phase(StrEnum):
    """The event that a connection is waiting for."""

    HANDSHAKE = "handshake"
    HEAD = "head"
    BODY = "body"
    ANSWER = "answer"
    DRAIN = "drain"
    IDLE = "idle"
    CLOSING = "closing"


@dataclass(slots=True, eq=False)
class Connection:
    """One connection; ``end`` closes it from outside, ``since`` is when its phase began."""

    address: str
    limited: bool
    end: Callable[[], None]
    since: float = 0.0
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)


Queue = OrderedDict[Connection, None]


class Gate:
    """All connections of one server; strangers' are ordered by the start of their phase."""

    def __init__(self, limits: Network, dropped: Callable[[str], None]) -> None:
        self._limits = limits
        self._dropped = dropped
        self._is_limited = lru_cache(maxsize=4_096)(
            lambda host: not is_in(host, limits.unlimited_addresses)
        )
        self._connections: set[Connection] = set()
        self._strangers: Queue = OrderedDict()
        self._of_address: defaultdict[str, Queue] = defaultdict(OrderedDict)
        self._seconds = {
            Phase.HANDSHAKE: limits.handshake_s,
            Phase.HEAD: limits.head_s,
            Phase.BODY: limits.body_s + CLOSING_S,  # the application answers earlier
            Phase.ANSWER: limits.answer_s,
            Phase.DRAIN: CLOSING_S,
            Phase.IDLE: limits.idle_s + CLOSING_S,  # uvicorn closes earlier
            Phase.CLOSING: CLOSING_S,
        }

    def enter(self, host: str, end: Callable[[], None]) -> Connection | None:
        """Register a new connection; None if it must be refused."""
        address = address_key(host)
        limited = self._is_limited(host)
        if limited and not self._has_room(address):
            self._dropped("address")
            return None
        if len(self._connections) >= self._limits.connections and not self.make_room():
            self._dropped("full")
            return None
        connection = Connection(address, limited, end)
        self._connections.add(connection)
        self._strangers[connection] = None
        if limited:
            self._of_address[address][connection] = None
        self.begin(connection, Phase.HANDSHAKE)
        return connection

    def _has_room(self, address: str) -> bool:
        """Return True if an address may open another connection; drops its oldest one if
        necessary.
        """
        mine = self._of_address.get(address)
        if mine is None or len(mine) < self._limits.connections_per_address:
            return True
        oldest = next(iter(mine))
        if asyncio.get_running_loop().time() - oldest.since < YOUNG_S:
            return False
        self._drop(oldest, "address")
        return True

    def make_room(self) -> bool:
        """Drop the stranger's connection that is longest in its phase; return False if none."""
        if not self._strangers:
            return False
        self._drop(next(iter(self._strangers)), "full")
        return True

    def begin(self, connection: Connection, phase: Phase) -> None:
        """Start a phase and its deadline."""
        if connection not in self._connections:
            return
        if connection in self._strangers:
            self._strangers.move_to_end(connection)
            if connection.limited:
                self._of_address[connection.address].move_to_end(connection)
        if connection.timer is not None:
            connection.timer.cancel()
        loop = asyncio.get_running_loop()
        connection.since = loop.time()
        connection.timer = loop.call_later(self._seconds[phase], self._drop, connection, phase)

    def trust(self, connection: Connection) -> None:
        """Never drop this connection for another one: it has carried the bot's credential."""
        self._forget_stranger(connection)

    def leave(self, connection: Connection) -> None:
        """Remove a closed connection."""
        self._connections.discard(connection)
        self._forget_stranger(connection)
        if connection.timer is not None:
            connection.timer.cancel()
            connection.timer = None

    def _forget_stranger(self, connection: Connection) -> None:
        self._strangers.pop(connection, None)
        if connection.limited:
            mine = self._of_address[connection.address]
            mine.pop(connection, None)
            if not mine:
                del self._of_address[connection.address]

    def _drop(self, connection: Connection, why: str) -> None:
        self.leave(connection)
        self._dropped(why)
        connection.end()
