"""Calls by the strict double of Asterisk: to an application in process, or over a socket.

In process time passes only where nobody has anything to do, so a call of a minute takes no minute
and takes the same turns on every machine.
"""

from __future__ import annotations

import asyncio
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from bot.lines.simulated_caller import SimulatedCaller
from tests.support.asterisk import FRAME_MS, Channel, Shape, as_it_is, event

T = TypeVar("T")
LONGEST_S = 600.0


class _Selector(selectors.DefaultSelector):
    """Lets time pass instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise AssertionError("everybody waits for ever")
        self.passed_s += timeout
        return ready


class AudioTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only where nobody has anything to do."""

    def __init__(self) -> None:
        self._passing = _Selector()
        super().__init__(self._passing)

    def time(self) -> float:
        return self._passing.passed_s


class LoopTimer:
    """Implements bot.interfaces.Timer with the loop's own time."""

    def now_ms(self) -> int:
        return round(asyncio.get_running_loop().time() * 1000)

    async def sleep(self, ms: int) -> None:
        await asyncio.sleep(ms / 1000)


def in_audio_time(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, without waiting."""
    with asyncio.Runner(loop_factory=AudioTimeLoop) as runner:
        return runner.run(work)


class Peer(Protocol):
    """The connection, as Asterisk has it."""

    async def send(self, message: str | bytes) -> None: ...
    def received(self) -> list[str | bytes]: ...
    def is_closed(self) -> bool: ...
    async def close(self) -> None: ...


@dataclass
class InProcess:
    """An ASGI application's WebSocket. ``status`` is a refusal's; 101 where it was accepted."""

    app: Any
    headers: Sequence[tuple[bytes, bytes]] = ()
    status: int = 0
    subprotocol: str | None = None
    _to_app: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    _from_app: deque[str | bytes] = field(default_factory=deque)
    _answered: asyncio.Event = field(default_factory=asyncio.Event)
    _closed: bool = False
    _task: asyncio.Task[None] | None = None

    async def connect(self) -> int:
        """Shake hands; the status."""
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "scheme": "ws",
            "path": "/media",
            "raw_path": b"/media",
            "root_path": "",
            "query_string": b"",
            "headers": list(self.headers),
            "subprotocols": ["media"],
            "client": ("127.0.0.1", 40_000),
            "server": ("127.0.0.1", 8_090),
            "extensions": {"websocket.http.response": {}},
        }
        self._to_app.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self.app(scope, self._to_app.get, self._take))
        await self._answered.wait()
        return self.status

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "websocket.accept":
                self.status, self.subprotocol = 101, message.get("subprotocol")
            case "websocket.http.response.start":
                self.status = message["status"]
            case "websocket.close":
                self._closed = True
                self.status = self.status or 403
            case "websocket.send":
                if self._closed:
                    raise OSError("the peer is gone")
                text = message.get("text")
                self._from_app.append(text if text is not None else message["bytes"])
        self._answered.set()

    async def send(self, message: str | bytes) -> None:
        kind = "text" if isinstance(message, str) else "bytes"
        self._to_app.put_nowait({"type": "websocket.receive", kind: message})

    def received(self) -> list[str | bytes]:
        messages = list(self._from_app)
        self._from_app.clear()
        return messages

    def is_closed(self) -> bool:
        return self._closed

    async def close(self) -> None:
        self._closed = True
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1000})

    async def ended(self, within_s: float = 60.0) -> None:
        """Wait until the application is done with this connection."""
        assert self._task is not None
        async with asyncio.timeout(within_s):
            await self._task


@dataclass
class AsteriskCall:
    """A caller on a channel, through a peer.

    ``before`` is sent before MEDIA_START; ``says`` gives further messages at a time (ms) of the
    call; ``gone_ms`` is when the peer goes without a word.
    """

    peer: Peer
    caller: SimulatedCaller
    channel: Channel = field(default_factory=Channel)
    shape: Shape = as_it_is
    before: Sequence[str | bytes] = ()
    says: Callable[[int], Sequence[str | bytes]] = lambda at_ms: ()
    gone_ms: int | None = None
    playing_ms: list[int] = field(default_factory=list)

    async def talk(self) -> None:
        """From MEDIA_START to the end, in steps of 20 ms."""
        for message in self.before:
            await self.peer.send(message)
        await self.peer.send(self.channel.start())
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        for number in range(round(LONGEST_S * 1000 / FRAME_MS)):
            await asyncio.sleep(max(0.0, begun_s + number * FRAME_MS / 1000 - loop.time()))
            if await self._step(number * FRAME_MS):
                return
        raise AssertionError("a call without end")

    async def _step(self, at_ms: int) -> bool:
        for message in self.peer.received():
            for answer in self.channel.take(message):
                await self.peer.send(answer)
        if self.peer.is_closed():
            return True
        if self.channel.hung_up or self.gone_ms == at_ms or self.caller.left:
            await self.peer.close()
            return True
        playing = bool(self.channel.queue)
        for answer in self.channel.pass_frame():
            await self.peer.send(answer)
        pcm, keys = self.caller.tick(at_ms, FRAME_MS, playing)
        for key in keys:
            await self.peer.send(event("DTMF_END", digit=key.key, duration_ms=90))
        for message in (*self.shape(at_ms, pcm), *self.says(at_ms)):
            await self.peer.send(message)
        return False


def caller_variables(number: str = "+16015550142", call: str = "1795993468.2") -> dict[str, str]:
    """What the dialplan sets."""
    return {"__ELMS_CALLER": number, "__ELMS_ID": call}
