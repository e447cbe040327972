"""One collect over scripted events, with a player that keeps what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from bot.hearing.listener import Listener
from bot.hearing.workers import InlineWorkers
from bot.turn.collect import Collected, collect
from bot.turn.options import CollectOptions
from bot.types import (
    AudioFrame,
    Dtmf,
    Hangup,
    LineEvent,
    Mark,
    Match,
    Properties,
    Text,
)
from tests.support.fakes import (
    RATE,
    FakeDetector,
    alone,
)
from tests.support.scripted_turn import active

FRAME_MS = 20
NUMBER = active("digits.grxml?length=6", "universals.grxml")


class Script:
    """Events that are made while they are asked for; silence and then a hangup at the end."""

    def __init__(self, *parts: bytes | LineEvent | int) -> None:
        self._parts = parts
        self._now_ms = 0
        self._events = self._all()

    async def next(self) -> LineEvent:
        return next(self._events)

    def _all(self) -> Iterator[LineEvent]:
        for part in self._parts:
            match part:
                case int():
                    yield from self._frames(bytes(RATE * part // 1000 * 2))
                case bytes():
                    yield from self._frames(part)
                case Dtmf(key):
                    yield Dtmf(key, self._now_ms)
                case Mark(name):
                    yield Mark(name, self._now_ms)
                case Text(utterance):
                    yield Text(utterance, self._now_ms)
                case _:
                    yield Hangup(self._now_ms)
        yield Hangup(self._now_ms)

    def _frames(self, pcm: bytes) -> Iterator[LineEvent]:
        size = RATE * FRAME_MS // 1000 * 2
        for at in range(0, len(pcm), size):
            yield AudioFrame(pcm[at : at + size].ljust(size, b"\0"), RATE, self._now_ms)
            self._now_ms += FRAME_MS


class Prompt:
    """A player that keeps what it was told."""

    def __init__(self, mark: str | None = None) -> None:
        self.mark = mark
        self.told: list[str] = []

    def reached(self, mark: Mark) -> bool:
        if mark.name != self.mark:
            return False
        self.mark = None
        return True

    async def pause(self, now_ms: int) -> None:
        self.told.append("pause")
        self.mark = None

    async def resume(self, now_ms: int) -> None:
        self.told.append("resume")
        self.mark = "again"

    async def stop(self, now_ms: int) -> None:
        self.told.append("stop")
        self.mark = None


def turn(
    *parts: bytes | LineEvent | int,
    prompt: Prompt | None = None,
    secret: bool = False,
    properties: Properties | None = None,
) -> Collected:
    listener = Listener(alone(), FakeDetector(), InlineWorkers(), RATE)
    listening = CollectOptions(NUMBER, properties or Properties(), secret)
    return asyncio.run(collect(listener, Script(*parts), prompt or Prompt(), listening, 0))


def value(collected: Collected) -> str:
    assert isinstance(collected.result, Match)
    return collected.result.best.value
