"""Who may connect, how many come in, and how the service ends: in process, in audio time."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.serving.admission import Admission
from bot.settings import Serve
from tests.support.asterisk import Channel
from tests.support.asterisk_call import AsteriskCall, InProcess, caller_variables, in_audio_time
from tests.support.fakes import RATE
from tests.support.telephone import KEYED, MONDAY, SUNDAY, Office, basic, bearer, locked

pytestmark = [pytest.mark.call, pytest.mark.timeout(120)]

WAITS = (CallerAction(wait_ms=30_000),)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((), 401),
        (basic("elms", "a long credential"), 101),
        (basic("elms", "another"), 401),
        (basic("other", "a long credential"), 401),
        (bearer("a long credential"), 101),
        (bearer("a long credentia"), 401),
        (bearer(""), 401),
        (((b"authorization", b"Basic !"),), 401),
        (((b"authorization", b"Basic " + b"\xff\xfe"),), 401),
        (((b"authorization", "Bearer ä".encode("latin-1")),), 401),
        (((b"authorization", b"Digest a long credential"),), 401),
    ],
)
def test_a_connection_without_the_credential_is_refused(
    headers: tuple[tuple[bytes, bytes], ...], status: int
) -> None:
    office = Office(serve=locked())

    async def connect() -> int:
        peer = InProcess(office.app, headers)
        found = await peer.connect()
        await peer.close()
        await peer.ended()
        return found

    assert in_audio_time(connect()) == status
    assert office.exchange.there == 0


def test_the_media_protocol_is_agreed_on() -> None:
    async def connect() -> str | None:
        peer = InProcess(Office().app)
        await peer.connect()
        await peer.close()
        await peer.ended()
        return peer.subprotocol

    assert in_audio_time(connect()) == "media"


def test_over_the_limit_a_call_is_refused_before_it_is_answered() -> None:
    """And those under way do not notice."""
    office = Office(serve=Serve(calls=2))

    async def calls() -> list[int]:
        async with asyncio.TaskGroup() as group:
            for number in range(2):
                variables = caller_variables(call=f"179.{number}")
                group.create_task(office.call(KEYED, Channel(variables=variables)))
            await asyncio.sleep(5)
            refused = [await InProcess(office.app).connect() for _ in range(3)]
        peer = InProcess(office.app)
        refused.append(await peer.connect())
        await peer.close()
        await peer.ended()
        return refused

    assert in_audio_time(calls()) == [503, 503, 503, 101]
    assert [record.outcome.outcome for record in office.backend.stored] == ["completed"] * 2
    assert 'elms_calls_refused_total{why="full"} 3.0' in office.exchange.metrics.text().decode()


@pytest.mark.parametrize(
    ("lags_ms", "why_not"),
    [
        ([100] * 100, None),
        ([100] * 96 + [2_000] * 4, None),
        ([100] * 94 + [200] * 6, "overloaded"),
        ([151] * 100, "overloaded"),
        ([], None),
    ],
)
def test_lagging_calls_keep_others_out(lags_ms: list[int], why_not: str | None) -> None:
    admission = Admission(40)
    for number, lag_ms in enumerate(lags_ms):
        admission.sample([lag_ms], 100 * number)
    assert admission.why_not(1) == why_not


def test_lag_older_than_ten_seconds_no_longer_counts() -> None:
    admission = Admission(40)
    admission.sample([5_000] * 10, 0)
    admission.sample([10], 10_001)
    assert admission.why_not(1) is None
    assert admission.why_not(40) == "full"


@pytest.mark.parametrize("now", [MONDAY, SUNDAY])
def test_a_stopping_service_takes_no_calls_and_ends_the_remaining_ones(now: object) -> None:
    office = Office(MONDAY if now is MONDAY else SUNDAY)

    async def calls() -> tuple[int, int]:
        async with asyncio.TaskGroup() as group:
            for number in range(3):
                channel = Channel(variables=caller_variables(call=f"179.{number}"))
                group.create_task(office.call((*KEYED[:2], *WAITS * 9), channel))
            await asyncio.sleep(20)
            draining = group.create_task(office.exchange.drain(10))
            await asyncio.sleep(1)
            refused = await InProcess(office.app).connect()
            await draining
            left = office.exchange.there
        return refused, left

    assert in_audio_time(calls()) == (503, 0)
    reasons = [record.outcome.reason for record in office.backend.stored]
    assert reasons == ["the service is being stopped"] * 3
    assert "I have to end our conversation" in office.voice.text


def test_a_stopping_service_waits_for_calls_that_end_by_themselves() -> None:
    office = Office()

    async def calls() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(office.call(KEYED))
            await asyncio.sleep(5)
            await office.exchange.drain(600)

    in_audio_time(calls())
    assert office.record.outcome.outcome == "completed"


def get(office: Office, path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(office.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ivr.test") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_an_operator_can_read_health_readiness_and_metrics() -> None:
    office = Office()
    in_audio_time(office.call(KEYED))
    assert get(office, "/health").json() == {"status": "ok"}
    assert get(office, "/ready").json() == {"status": "ready"}
    counted = get(office, "/metrics").text
    assert 'elms_calls_ended_total{outcome="completed"} 1.0' in counted
    assert "elms_calls_under_way 0.0" in counted
    office.exchange.admission.draining = True
    refused = get(office, "/ready")
    assert (refused.status_code, refused.json()) == (503, {"status": "draining"})


def test_metrics_require_the_credential_if_there_is_one() -> None:
    office = Office(serve=locked())
    assert get(office, "/metrics").status_code == 401
    assert get(office, "/metrics", Authorization="Bearer a long credential").status_code == 200
    assert get(office, "/health").status_code == 200


def test_no_metric_has_a_telephone_number_or_a_call_id() -> None:
    office = Office()
    in_audio_time(office.call(KEYED))
    counted = office.exchange.metrics.text().decode()
    for secret in ("6015550142", "1795993468", "421903", "5827"):
        assert secret not in counted


def test_a_caller_who_hangs_up_before_the_first_message_is_forgotten() -> None:
    office = Office()

    async def call() -> None:
        peer = InProcess(office.app)
        await peer.connect()
        await peer.close()
        await peer.ended()

    in_audio_time(call())
    assert office.exchange.there == 0
    assert office.backend.stored == []


def test_a_fault_ends_only_its_own_call() -> None:
    office = Office()

    async def calls() -> None:
        peer = InProcess(office.app)
        await peer.connect()
        broken = AsteriskCall(peer, SimulatedCaller(KEYED, RATE), Channel())
        talking = asyncio.create_task(broken.talk())
        await asyncio.sleep(3)
        office.lines[0]._queue = None  # type: ignore[assignment]
        await office.call(KEYED)
        await talking
        await peer.ended()

    in_audio_time(calls())
    outcomes = {record.outcome.outcome for record in office.backend.stored}
    assert outcomes == {"hangup", "completed"}
