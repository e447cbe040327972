"""uvicorn's HTTP/1.1 connection with a deadline for every part of a request (S16).

uvicorn 0.5x has a timeout only for idle connections. This subclass reports the connection's phase
to the gate, which drops it at the deadline.

It also rejects input that is cheap to send and expensive to parse, before it is parsed: h11 takes
tens of milliseconds for a head with thousands of fields or a body in one-byte chunks, and nobody
else is served meanwhile. Bodies need a Content-Length; no client of this service sends chunks. A
request therefore cannot state its length in two ways either.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, ClassVar

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

from server.admin.listen_socket import Guest
from server.web.gate import TRUST, Connection, Gate, Phase

DRAIN_BYTES = 262_144
"""Bytes of a body that are read after a refusal, so that the client gets the response."""
AHEAD_BYTES = 65_536
"""Maximum bytes of further requests before the current one is answered. Otherwise uvicorn reads
without limit whenever an application asks whether its client is still connected."""
FIELDS_MOST = 64
HEAD_ENDS = b"\n\r\n"
CHUNKED = b"transfer-encoding"
CAN_ANSWER = (h11.IDLE, h11.SEND_RESPONSE)


class PlainConnection(h11.Connection):
    """HTTP/1.1 without chunked bodies, and without heads of more fields than browsers send."""

    def next_event(self) -> Any:
        """The next event. Raises RemoteProtocolError."""
        if self.their_state is h11.IDLE:
            head = self.trailing_data[0].partition(HEAD_ENDS)[0]
            if head.count(b"\n") > FIELDS_MOST:
                raise h11.RemoteProtocolError("too many header fields")
        event = super().next_event()
        if isinstance(event, h11.Request) and CHUNKED in (name for name, _ in event.headers):
            raise h11.RemoteProtocolError("chunked body")
        return event


class TimedConnection(H11Protocol):
    """One connection, registered with the gate."""

    gate: ClassVar[Gate]
    head_bytes: ClassVar[int]
    _connection: Connection | None = None
    _at: tuple[Phase, object] | None = None
    _drained = 0

    def __init__(self, config: Config, *args: Any, **options: Any) -> None:
        super().__init__(config, *args, **options)
        self.conn = PlainConnection(h11.SERVER, self.head_bytes)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start after the TLS handshake, if there is one."""
        super().connection_made(transport)
        self._connection = Guest.connection_of(transport)
        if self._connection is None:  # dropped a moment ago
            transport.abort()
            return
        self._connection.end = transport.abort
        self.app_state = {**self.app_state, TRUST: partial(self.gate.trust, self._connection)}
        self._follow()

    def data_received(self, data: bytes) -> None:
        """Process incoming bytes; drop a client that sends without reading."""
        phase = self._at[0] if self._at is not None else None
        if phase is Phase.DRAIN:
            self._drained += len(data)
        ahead = len(self.conn.trailing_data[0]) + len(data) if phase is Phase.ANSWER else 0
        if self._drained > DRAIN_BYTES or ahead > AHEAD_BYTES:
            self.transport.abort()
            return
        super().data_received(data)

    def handle_events(self) -> None:
        """Process parsed events, then update the phase."""
        super().handle_events()
        self._follow()

    def on_response_complete(self) -> None:
        """Update the phase after a response; the next request may be buffered already."""
        super().on_response_complete()
        self._follow()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; closing has a deadline too."""
        super().timeout_keep_alive_handler()
        self._follow()

    def send_400_response(self, msg: str) -> None:
        """Respond to invalid HTTP, unless a response has started: h11 would raise an error."""
        if self.conn.our_state in CAN_ANSWER:
            super().send_400_response(msg)
        else:
            self.transport.abort()

    def _follow(self) -> None:
        phase = self._phase()
        at = (phase, self.cycle)
        if self._connection is not None and at != self._at:
            self._at, self._drained = at, 0
            self.gate.begin(self._connection, phase)

    def _phase(self) -> Phase:
        if self.transport.is_closing():
            return Phase.CLOSING
        theirs: Any = self.conn.their_state
        if theirs is h11.SEND_BODY:
            return Phase.DRAIN if self.cycle.response_complete else Phase.BODY
        if theirs is not h11.IDLE:
            return Phase.ANSWER
        return Phase.IDLE if self.timeout_keep_alive_task is not None else Phase.HEAD


def connection_class(gate: Gate, head_bytes: int) -> type[TimedConnection]:
    """The class that uvicorn instantiates for each connection."""
    members = {"gate": gate, "head_bytes": head_bytes}
    return type("GatedConnection", (TimedConnection,), members)
