"""Callers of the strict double of Asterisk who know how long each reply takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import websockets
from websockets.asyncio.client import connect

from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.types import Dtmf
from tests.support.asterisk import Channel
from tests.support.asterisk_call import AsteriskCall, caller_variables
from tests.support.websocket_peer import Socket

LOUD = 800
"""A sample so loud belongs to a word."""
KINDS = {8_000: "slin", 16_000: "slin16"}


class TimedCaller(SimulatedCaller):
    """``said_s`` is when the last loud frame or key was sent; None once its reply was heard."""

    said_s: float | None = None
    now_s: Callable[[], float] = time.monotonic

    def tick(self, now_ms: int, frame_ms: int, prompt_playing: bool) -> tuple[bytes, list[Dtmf]]:
        """The next frame and keys, as SimulatedCaller's."""
        pcm, keys = super().tick(now_ms, frame_ms, prompt_playing)
        if keys or np.abs(np.frombuffer(pcm, "<i2")).max(initial=0) > LOUD:
            self.said_s = self.now_s()
        return pcm, keys


@dataclass(frozen=True, slots=True)
class Wait:
    """For one reply, in seconds: of the clock that all processes of a machine share, or of the
    caller's own."""

    said_s: float
    heard_s: float

    @property
    def ms(self) -> float:
        """How long it was."""
        return (self.heard_s - self.said_s) * 1000


@dataclass
class MeasuredCall(AsteriskCall):
    """Knows from when to when its caller waited for each reply.

    A reply is the first sound behind silence, or behind a prompt that was cut off: what still
    plays when the caller falls silent is none.
    """

    longest_ms: int = 60_000
    waits: list[Wait] = field(default_factory=list)
    _said_s: float | None = None
    _flushes: int = 0
    _fresh: bool = True

    async def _step(self, at_ms: int) -> bool:
        ended = at_ms >= self.longest_ms or await super()._step(at_ms)
        assert isinstance(self.caller, TimedCaller)
        sounds = any(self.channel.heard[-self.channel.frame_bytes :])
        said_s = self.caller.said_s
        if said_s is None:
            return ended
        if said_s != self._said_s:
            self._said_s, self._flushes = said_s, self.channel.flushes
            self._fresh = not sounds
        elif sounds and (self._fresh or self.channel.flushes > self._flushes):
            self.waits.append(Wait(said_s, self.caller.now_s()))
            self.caller.said_s = None
        self._fresh = self._fresh or not sounds
        return ended


async def call(
    uri: str, actions: Sequence[CallerAction], rate: int, *, number: int, longest_ms: int
) -> list[Wait] | None:
    """The waits of one caller; None where the call was refused."""
    protocols = [websockets.Subprotocol("media")]
    try:
        async with connect(uri, subprotocols=protocols, compression=None) as connection:
            channel = Channel(KINDS[rate], variables=caller_variables(call=f"179.{number}"))
            caller = TimedCaller(actions, rate)
            asterisk = MeasuredCall(Socket(connection), caller, channel, longest_ms=longest_ms)
            await asterisk.talk()
            return asterisk.waits
    except websockets.InvalidStatus:
        return None
