"""The holidays are known before anybody calls, and a backend that hangs makes no dead air."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from bot.backend_prefetch import AskedAhead
from bot.elms.requests import FetchService, Service
from bot.errors import BackendError
from tests.support.asterisk_call import LoopTimer, in_audio_time
from tests.support.fake_elms import FakeBackend

pytestmark = pytest.mark.unit

HOLIDAY = date(2022, 7, 4)


class Hanging(FakeBackend):
    """Answers nobody until ``let``; counts who asked."""

    def __init__(self) -> None:
        super().__init__(holidays=(HOLIDAY,))
        self.let = asyncio.Event()
        self.asked = 0

    async def ask(self, request: Any, call_id: str, caller_number: str | None) -> Any:
        self.asked += 1
        await self.let.wait()
        return await super().ask(request, call_id, caller_number)


async def answer(ahead: AskedAhead) -> tuple[Any, float]:
    """What the holidays are, and how long that took (s)."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    try:
        found: Any = await ahead.ask(FetchService(), "call-1", None)
    except BackendError:
        found = None
    return found, loop.time() - began_s


def test_a_hung_backend_delays_a_caller_by_at_most_200_ms() -> None:
    async def call() -> tuple[Any, float]:
        ahead = AskedAhead(Hanging(), LoopTimer())
        try:
            return await answer(ahead)
        finally:
            await ahead.close()

    assert in_audio_time(call()) == (None, 0.2)


def test_known_answers_are_immediate_even_if_the_backend_hangs_later() -> None:
    async def call() -> list[tuple[Any, float]]:
        backend = Hanging()
        backend.let.set()
        ahead = AskedAhead(backend, LoopTimer())
        asked = ahead.ask_ahead()
        assert asked is not None
        await asked
        backend.let.clear()
        first = await answer(ahead)
        await asyncio.sleep(700)
        second = await answer(ahead)
        await asyncio.sleep(1)
        assert backend.asked == 2
        await ahead.close()
        return [first, second]

    assert in_audio_time(call()) == [(Service((HOLIDAY,)), 0.0)] * 2


def test_many_callers_share_one_request() -> None:
    async def call() -> int:
        backend = Hanging()
        ahead = AskedAhead(backend, LoopTimer())
        answers = [asyncio.create_task(answer(ahead)) for _ in range(20)]
        await asyncio.sleep(0.1)
        backend.let.set()
        assert {found for found, _ in await asyncio.gather(*answers)} == {Service((HOLIDAY,))}
        return backend.asked

    assert in_audio_time(call()) == 1


# -- the beginning of a call -------------------------------------------------------------------


def test_a_call_starts_with_the_current_answers_of_the_backend() -> None:
    async def call() -> list[Service | None]:
        backend = Hanging()
        backend.let.set()
        ahead = AskedAhead(backend, LoopTimer())
        found = [await ahead.latest(), await ahead.latest()]
        assert backend.asked == 2
        await ahead.close()
        return found

    assert in_audio_time(call()) == [Service((HOLIDAY,))] * 2


def test_a_hung_backend_delays_only_one_call() -> None:
    async def call() -> list[float]:
        ahead, loop, waits = AskedAhead(Hanging(), LoopTimer()), asyncio.get_running_loop(), []
        for _ in range(3):
            began_s = loop.time()
            assert await ahead.latest() is None
            waits.append(round(loop.time() - began_s, 3))
        await ahead.close()
        return waits

    assert in_audio_time(call()) == [0.2, 0.0, 0.0]
