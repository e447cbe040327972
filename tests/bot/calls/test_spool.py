"""Call records survive a backend that is down."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from bot.adapters.backend_http import HttpBackend
from bot.calls.spool import Spool
from bot.elms.requests import BackendAnswer, Request, Service
from bot.errors import BackendError, BackendRejectedError
from bot.records import CALL, CallRecord, Timing, TurnRecord
from bot.settings import BackendClient
from bot.types import CallBack, CallOutcome, Handover

pytestmark = pytest.mark.unit

RECORD = CallRecord(
    call_id="c1",
    started_utc="2022-06-14T14:00:00Z",
    line="recording",
    duration_ms=61_000,
    outcome=CallOutcome("transferred", "caller asked", False, "421903"),
    turns=(
        TurnRecord("pin", 1, "match", Timing(10, 20), mode="dtmf", confidence=1.0),
        TurnRecord("menu", 1, "nomatch", Timing(30, 40), partials=((35, "one"),)),
    ),
    handover=Handover("caller asked", "421903", False, None, "representative"),
    call_back=CallBack("6015550142", "08:00", "12:00", "c0"),
)
RECORD_JSON = CALL.dump_json(RECORD).decode()


@dataclass
class Store:
    down: bool = False
    rejected: str = ""
    records: list[CallRecord] = field(default_factory=list)

    async def ask(self, request: Request, call_id: str, caller_number: str | None) -> BackendAnswer:
        return Service(())

    async def store_call(self, record: CallRecord) -> None:
        if self.down:
            raise BackendError("down")
        if record.call_id == self.rejected:
            raise BackendRejectedError("the backend answered 422")
        await asyncio.sleep(0)
        self.records.append(record)


def test_a_spooled_record_is_delivered_completely_and_then_removed(tmp_path: Path) -> None:
    spool, store = Spool(tmp_path), Store()
    path = spool.keep(RECORD)
    assert path is not None
    assert asyncio.run(spool.deliver(store)) == 1
    assert store.records == [RECORD]
    assert not path.exists()


def test_a_record_stays_spooled_while_the_backend_is_down(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    path = spool.keep(RECORD)
    assert path is not None
    assert asyncio.run(spool.deliver(Store(down=True))) == 0
    assert path.exists()


def test_a_record_that_cannot_be_spooled_ends_no_call(tmp_path: Path) -> None:
    (tmp_path / "undelivered").write_text("a file where the folder should be")
    with capture_logs() as lines:
        assert Spool(tmp_path / "undelivered").keep(RECORD) is None
    assert [(line["call_id"], line["code"]) for line in lines] == [("c1", "error.record.unkept")]


def test_a_damaged_record_is_set_aside_and_the_others_are_delivered(tmp_path: Path) -> None:
    spool, store = Spool(tmp_path), Store()
    (tmp_path / "a-first.json").write_text('{"call_id": "c')
    spool.keep(RECORD)
    with capture_logs() as lines:
        assert asyncio.run(spool.deliver(store)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a-first.damaged"]
    told = [(line["call_id"], line["code"], line["kind"]) for line in lines]
    assert told == [("a-first", "error.record.damaged", "ValidationError")]


def test_a_record_that_the_backend_never_accepts_delays_no_other(tmp_path: Path) -> None:
    spool, store = Spool(tmp_path), Store(rejected="a-first")
    spool.keep(replace(RECORD, call_id="a-first"))
    spool.keep(RECORD)
    assert asyncio.run(spool.deliver(store)) == 1
    assert store.records == [RECORD]
    assert [path.name for path in tmp_path.iterdir()] == ["a-first.damaged"]


@pytest.mark.parametrize("confidence", ["NaN", "Infinity"])
def test_a_record_that_cannot_be_sent_delays_no_other(tmp_path: Path, confidence: str) -> None:
    kept = RECORD_JSON.replace('"confidence":1.0', f'"confidence":{confidence}')
    assert confidence in kept
    (tmp_path / "a-first.json").write_text(kept)
    spool = Spool(tmp_path)
    spool.keep(RECORD)
    stored: list[str] = []

    def store(request: httpx.Request) -> httpx.Response:
        stored.append(request.url.path)
        return httpx.Response(200, json={})

    async def deliver() -> int:
        client = httpx.AsyncClient(transport=httpx.MockTransport(store), base_url="http://x.test")
        async with client:
            return await spool.deliver(HttpBackend(client, BackendClient()))

    assert asyncio.run(deliver()) == 1
    assert stored == ["/api/v1/calls/c1"]
    assert [path.name for path in tmp_path.iterdir()] == ["a-first.damaged"]


def test_anything_but_a_file_of_acceptable_size_is_skipped(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    (tmp_path / "b.json").symlink_to("/dev/zero")
    (tmp_path / "c.json").write_bytes(b" " * 9_000_000)
    (tmp_path / "d.json").mkdir()
    spool, store = Spool(tmp_path), Store()
    spool.keep(replace(RECORD, call_id="z"))
    assert asyncio.run(asyncio.wait_for(spool.deliver(store), 30)) == 1
    assert [record.call_id for record in store.records] == ["z"]


@pytest.mark.parametrize(("size", "delivered"), [(2**23 - 1, 1), (2**23, 1), (2**23 + 1, 0)])
def test_a_record_can_have_eight_mebibytes(tmp_path: Path, size: int, delivered: int) -> None:
    (tmp_path / "c1.json").write_text(RECORD_JSON.ljust(size))
    assert asyncio.run(Spool(tmp_path).deliver(Store())) == delivered


def test_a_record_that_the_backend_already_has_is_removed(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    kept = spool.keep(RECORD)
    assert kept is not None
    for _ in range(2):
        spool.forget(kept)
        assert not list(tmp_path.iterdir())


def test_two_processes_can_deliver_the_same_folder(tmp_path: Path) -> None:
    spool, store = Spool(tmp_path), Store()
    for number in range(5):
        spool.keep(replace(RECORD, call_id=f"c{number}"))

    async def both() -> None:
        await asyncio.gather(spool.deliver(store), spool.deliver(store))

    asyncio.run(both())
    assert {one.call_id for one in store.records} == {f"c{number}" for number in range(5)}
    assert not list(tmp_path.iterdir())


def test_a_spooled_record_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = Spool(tmp_path).keep(RECORD)
    assert path is not None
    assert path.stat().st_mode & 0o077 == 0


def test_spooled_records_are_retried_each_minute_during_calls(tmp_path: Path) -> None:
    spool, store, tries = Spool(tmp_path), Store(down=True), []

    class Minutes:
        def now_ms(self) -> int:
            return 0

        async def sleep(self, ms: int) -> None:
            """The backend is back in the third minute, and a record is kept in the fifth."""
            tries.append((ms, len(store.records)))
            store.down = len(tries) < 3
            if len(tries) == 5:
                spool.keep(replace(RECORD, call_id="c2"))
            if len(tries) == 7:
                raise asyncio.CancelledError
            await asyncio.sleep(0)

    async def serve() -> None:
        with pytest.raises(asyncio.CancelledError):
            await spool.deliver_each_minute(store, Minutes())
        await spool.pause()

    spool.keep(RECORD)
    asyncio.run(serve())
    assert tries == [(60_000, kept) for kept in (0, 0, 0, 1, 1, 2, 2)]
    assert not list(tmp_path.iterdir())
