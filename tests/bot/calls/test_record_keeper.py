"""A record is stored, or spooled where that takes long; the caller waits a second at most."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.calls.record_keeper import RecordKeeper
from bot.calls.spool import Spool
from bot.errors import BackendError
from bot.records import CallRecord
from bot.types import CallOutcome
from tests.support.fake_elms import FakeBackend
from tests.support.fakes import FakeTimer
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.call

RECORD = CallRecord(
    "call-1", "2022-06-14T15:00:00+00:00", "test", 4_000, CallOutcome("hangup", "caller left"), ()
)


class Slow(FakeBackend):
    """Takes a record when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = asyncio.Event()

    async def store_call(self, record: CallRecord) -> None:
        await self.let.wait()
        await super().store_call(record)


class Down(FakeBackend):
    async def store_call(self, record: CallRecord) -> None:
        raise BackendError("down")


def spooled(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.json")]


def test_a_stored_record_is_not_spooled(tmp_path: Path) -> None:
    backend = FakeBackend()
    asyncio.run(RecordKeeper(backend, Spool(tmp_path), FakeTimer()).keep(RECORD))
    assert backend.stored == [RECORD]
    assert spooled(tmp_path) == []


def test_a_refused_record_is_spooled(tmp_path: Path) -> None:
    asyncio.run(RecordKeeper(Down(), Spool(tmp_path), FakeTimer()).keep(RECORD))
    assert spooled(tmp_path) == ["call-1.json"]


def test_a_record_is_spooled_after_a_second_until_the_backend_has_it(tmp_path: Path) -> None:
    async def call() -> tuple[list[str], list[str]]:
        backend = Slow()
        keeper = RecordKeeper(backend, Spool(tmp_path), FakeTimer(hurried=True))
        async with asyncio.timeout(PATIENCE_S):
            await keeper.keep(RECORD)
            waiting = spooled(tmp_path)
            backend.let.set()
            await keeper.finish(PATIENCE_S)
        assert backend.stored == [RECORD]
        return waiting, spooled(tmp_path)

    assert asyncio.run(call()) == (["call-1.json"], [])


def test_a_record_is_spooled_when_storing_it_is_interrupted(tmp_path: Path) -> None:
    async def call() -> None:
        keeper = RecordKeeper(Slow(), Spool(tmp_path), FakeTimer())
        keeping = asyncio.create_task(keeper.keep(RECORD))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        keeping.cancel()
        await asyncio.wait({keeping})
        assert keeping.cancelled()
        await keeper.finish(0)

    asyncio.run(call())
    assert spooled(tmp_path) == ["call-1.json"]
