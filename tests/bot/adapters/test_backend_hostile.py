"""Whatever a backend answers, and however slowly: one fault in time, and little memory."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot import bootstrap
from bot.adapters.backend_http import HttpBackend
from bot.calls.spool import Spool
from bot.elms.requests import BackendAnswer, FetchAccount, FetchService, Request, Service
from bot.errors import BackendError, SettingsError
from bot.records import CallRecord
from bot.settings import BackendClient, load_settings
from bot.types import CallOutcome
from tests.support.hostile_server import HEAD, Answer, body, hangs, says, serving
from tests.support.patience import PATIENCE_S, SCALE

pytestmark = pytest.mark.contract

PATIENT_MS = 20_000
"""For answers that come at once: a busy machine may need longer than the 0.4 s of the deadlines."""
SLOWEST_S = 30 * SCALE
"""Whoever waits longer than this for a deadline of 0.4 s waits for ever."""
MOST_MEMORY = 30_000_000
NOTHING = b'{"holidays": []}'


def client(url: str, patience_ms: int = 400) -> BackendClient:
    return BackendClient(url=url, credential=SecretStr("credential"), timeout_ms=patience_ms)


async def asked(url: str, request: Request, patience_ms: int = 400) -> BackendAnswer:
    settings = client(url, patience_ms)
    async with bootstrap.http_client(settings) as http, asyncio.timeout(SLOWEST_S):
        return await HttpBackend(http, settings).ask(request, "call-1", None)


def answered(
    answer: Answer, request: Request | None = None, patience_ms: int = PATIENT_MS
) -> BackendAnswer:
    async def run() -> BackendAnswer:
        async with serving(answer) as url:
            return await asked(url, request or FetchService(), patience_ms)

    return asyncio.run(run())


def fault(answer: Answer, patience_ms: int = PATIENT_MS) -> str:
    """The one line that this answer ends in."""
    with pytest.raises(BackendError) as caught:
        answered(answer, patience_ms=patience_ms)
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


DRIPS = {
    "nothing": hangs,
    "the status line, and no more": says(b"HTTP/1.1 200 OK\r\n", for_ever=False),
    "headers": says(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", every_s=0.05, for_ever=True),
    "one header": says(b"HTTP/1.1 200 OK\r\nX: ", b"y", every_s=0.05, for_ever=True),
    "provisional answers": says(b"HTTP/1.1 102 Processing\r\n\r\n", every_s=0.05, for_ever=True),
    "a body": says(HEAD + b"Content-Length: 100000\r\n\r\n", b" ", every_s=0.05, for_ever=True),
    "a body without an end": says(HEAD + b"\r\n", b" ", every_s=0.05, for_ever=True),
    "chunks": says(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", every_s=0.05, for_ever=True
    ),
    "a chunk's extension": says(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x", every_s=0.05, for_ever=True
    ),
}


@pytest.mark.parametrize("answer", DRIPS.values(), ids=DRIPS.keys())
def test_one_deadline_covers_the_whole_answer(answer: Answer) -> None:
    began = time.monotonic()
    assert fault(answer, patience_ms=400)
    assert time.monotonic() - began < SLOWEST_S / 2


def _holding(deflated: Callable[[], bytes], coding: bytes) -> Answer:
    """Compressed only for the test that sends it."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        await body(deflated(), b"Content-Encoding: " + coding)(writer)

    return answer


BOMB = b'{"holidays": [' + b" " * 50_000_000
MUCH = b" " * 100_000
FLOODS = {
    "gzip": _holding(lambda: gzip.compress(BOMB), b"gzip"),
    "gzip in gzip": _holding(lambda: gzip.compress(gzip.compress(BOMB)), b"gzip, gzip"),
    "deflate": _holding(lambda: zlib.compress(BOMB), b"deflate"),
    "a good answer, compressed": _holding(lambda: gzip.compress(NOTHING), b"gzip"),
    "brotli": _holding(lambda: b"\x21\x00", b"br"),
    "an unknown coding": _holding(lambda: NOTHING, b"x-new"),
    "a body": says(HEAD + b"\r\n", MUCH, for_ever=True),
    "chunks": says(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"186a0\r\n" + MUCH + b"\r\n", for_ever=True
    ),
    "headers": says(b"HTTP/1.1 200 OK\r\n", b"X: " + MUCH + b"\r\n", for_ever=True),
    "one header": says(b"HTTP/1.1 200 OK\r\nX: ", MUCH, for_ever=True),
}


@pytest.mark.parametrize("answer", FLOODS.values(), ids=FLOODS.keys())
def test_an_answer_uses_a_bounded_amount_of_memory(answer: Answer) -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        assert fault(answer, patience_ms=400)
        assert tracemalloc.get_traced_memory()[1] - before < MOST_MEMORY
    finally:
        tracemalloc.stop()


WRONG = {
    "nested a hundred thousand deep": b"[" * 100_000,
    "nested in names": b'{"a":' * 40_000,
    "a number of 100,000 digits": b'{"holidays": [], "x": ' + b"9" * 100_000 + b"}",
    "not a number": b'{"holidays": [], "x": NaN}',
    "infinity": b'{"holidays": [], "x": -Infinity}',
    "a duplicate name": b'{"holidays": ["2022-11-24"], "holidays": []}',
    "UTF-16": '{"holidays": []}'.encode("utf-16"),
    "UTF-7": b'{"holidays": [+ACI-]}',
    "bytes that are no text": b'{"holidays": ["\xff"]}',
    "a date in the year 1": b'{"holidays": ["0001-01-01"]}',
    "a thousand holidays": json.dumps({"holidays": ["2022-11-24"] * 1_000}).encode(),
    "cut off": b'{"holidays": [',
    "empty": b"",
    "null": b"null",
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG.keys())
def test_an_answer_outside_the_contract_is_one_line(content: bytes) -> None:
    assert "violates the contract" in fault(body(content))


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 302 Found\r\nLocation: /api/v1/service\r\n", b"SSH-2.0"]
)
def test_no_redirect_is_followed_and_no_other_protocol_is_spoken(head: bytes) -> None:
    assert fault(says(head + b"\r\n\r\n"))


@pytest.mark.parametrize("text", ["\ud800", "x" * 1_000, 5, None])
def test_a_text_that_cannot_be_spoken_violates_the_contract(text: Any) -> None:
    facts = {
        "license_class": text,
        "license_type": "standard",
        "valid_through": "2030-06-30",
        "state": "valid",
        "renewable": True,
    }
    told = {"application": None, "licenses": [facts], "activities": []}
    with pytest.raises(BackendError, match="license_class"):
        answered(body(json.dumps(told).encode()), FetchAccount("token"))


def test_an_answer_that_arrives_in_pieces_within_the_deadline_is_read() -> None:
    pieces = [NOTHING[at : at + 1] for at in range(len(NOTHING))]
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(NOTHING)
    assert answered(says(head, *pieces, every_s=0.001)) == Service(())


def test_a_name_that_cannot_be_resolved_in_time_is_one_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = threading.Event()

    def stalls(*_: object, **__: object) -> list[object]:
        refused.wait(PATIENCE_S)
        raise socket.gaierror("stalled")

    monkeypatch.setattr(socket, "getaddrinfo", stalls)

    async def run() -> None:
        with pytest.raises(BackendError):
            await asked("http://elms.invalid", FetchService())
        assert not refused.is_set(), "the name's fault came, and not the deadline's"

    async def run_and_release() -> None:
        try:
            await run()
        finally:
            refused.set()

    asyncio.run(run_and_release())


def test_a_record_is_submitted_under_the_same_deadline() -> None:
    record = CallRecord("c1", "2022-12-05T16:00:00Z", "x", 0, CallOutcome("hangup", "left"), ())

    async def run() -> None:
        async with serving(DRIPS["a body"]) as url:
            settings = client(url)
            async with bootstrap.http_client(settings) as http, asyncio.timeout(SLOWEST_S):
                await HttpBackend(http, settings).store_call(record)

    with pytest.raises(BackendError):
        asyncio.run(run())


def test_spooled_records_delay_no_call_whatever_the_backend_does(tmp_path: Path) -> None:
    """A thousand of them at four seconds each would be an hour without a call."""
    for number in range(20):
        record = CallRecord(f"c{number}", "2022", "x", 0, CallOutcome("hangup", "left"), ())
        Spool(tmp_path / "undelivered").keep(record)
    slow = says(HEAD + b"Content-Length: 2\r\n\r\n", b"{", b"}", every_s=0.3)

    async def begin() -> int:
        async with serving(slow) as url:
            backend = client(url).model_copy(update={"timeout_ms": 2_000})
            settings = load_settings(out=tmp_path, backend=backend)
            async with (
                asyncio.timeout(4 * SLOWEST_S),
                bootstrap.call_service(settings, aloud=False),
            ):
                return len(list((tmp_path / "undelivered").glob("*.json")))

    assert asyncio.run(begin()) > 0


@pytest.mark.parametrize(
    "url",
    ["", "elms", "ftp://elms.test", "http://", "http://[::1", "http://a b/", "http://x:99999"],
)
def test_an_invalid_address_is_a_settings_error(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMS_IVR_BACKEND__URL", url)
    with pytest.raises(SettingsError, match=r"backend\.url"):
        load_settings()
