"""The calls of one process: admits them, tracks them, and ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from bot.calls.call_log import log_fault
from bot.interfaces import Line, Timer
from bot.service import CallService
from bot.serving.admission import SAMPLE_MS, Admission, WhyNot
from bot.serving.metrics import Metrics
from bot.serving.next_steps import NextSteps

LEAVING = "the service is being stopped"
LAST_WORDS_S = 30.0
"""How long calls that were asked to leave may still take."""


class ServedLine(Line, Protocol):
    """A line that must be carried while a call talks over it."""

    @property
    def filled_ms(self) -> int:
        """Duration of silence filled in for the caller's audio."""
        ...

    async def serve(self) -> None:
        """Carry both directions until the peer is gone."""
        ...


class Exchange:
    """Takes calls, many at once. ``changed`` is called when one begins or ends."""

    def __init__(self, calls: CallService, most_calls: int, timer: Timer) -> None:
        self._calls = calls
        self._timer = timer
        self.there = 0
        self.changed: Callable[[], None] = lambda: None
        self._empty = asyncio.Event()
        self._empty.set()
        self.admission = Admission(most_calls)
        self.metrics = Metrics()
        self.steps = NextSteps()

    def why_not(self) -> WhyNot | None:
        """Return the reason why no call may come in now, if any; count it."""
        why_not = self.admission.why_not(self.there)
        if why_not is not None:
            self.metrics.refused(why_not)
        return why_not

    def enter(self) -> None:
        """Count a call that comes in."""
        self.there += 1
        self._empty.clear()
        self.metrics.under_way.set(self.there)
        self.changed()

    def left(self) -> None:
        """Remove a call that is gone."""
        self.there -= 1
        self.metrics.under_way.set(self.there)
        self.changed()
        if not self.there:
            self._empty.set()

    async def talk(self, line: ServedLine) -> None:
        """Run one whole call. Raises nothing of the call's, only the service's own cancellation."""
        carrying = asyncio.create_task(line.serve())
        try:
            ended = await self._calls.answer(line)
            self.metrics.ended(ended.record, line.filled_ms)
            await carrying
        except Exception as fault:
            log_fault("", "error", type(fault).__name__)
        finally:
            carrying.cancel()
            with suppress(asyncio.CancelledError):
                await carrying

    async def watch(self) -> None:
        """Measure repeatedly how far the calls are behind, until canceled."""
        while True:
            self.admission.sample(self._calls.lags_ms(), self._timer.now_ms())
            self.metrics.lag.set(self.admission.lag_ms / 1000)
            await self._timer.sleep(SAMPLE_MS)

    async def drain(self, patience_s: float) -> None:
        """Take no more calls; return when those in progress are over, which are asked to end after
        this time.
        """
        self.admission.draining = True
        if await self._is_empty_within(patience_s):
            return
        self._calls.leave(LEAVING)
        await self._is_empty_within(LAST_WORDS_S)

    async def _is_empty_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        return self._empty.is_set()
