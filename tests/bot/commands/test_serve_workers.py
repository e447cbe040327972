"""`elms-ivr serve --workers 2` over TLS, as it is run: one worker is killed in the middle."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator, Sequence

import httpx
import psutil
import pytest
from websockets.exceptions import InvalidStatus

from benchmarks.load.certificates import certificate
from bot.lines.simulated_caller import CallerAction
from tests.bot.commands.test_serve import Serving
from tests.support.canary_call import CALLS
from tests.support.patience import PATIENCE_S

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

STAYS = (CallerAction(wait_ms=120_000),)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("workers")
    signed, key = certificate(folder)
    tls = f'workers = 2\ndrain_s = 1\ntls_certificate = "{signed}"\ntls_key = "{key}"\n'
    found = Serving(folder, tls, ssl.create_default_context(cafile=signed))
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()


def workers(serving: Serving) -> list[psutil.Process]:
    """Processes that hear calls; the others are the invented backend and Python's own."""
    return [
        child
        for child in psutil.Process(serving.process.pid).children()
        if "spawn_main" in " ".join(child.cmdline())
    ]


def held(serving: Serving, worker: psutil.Process) -> int:
    """Calls that this worker hears now."""
    return sum(
        one.status == psutil.CONN_ESTABLISHED and one.laddr.port == serving.port
        for one in worker.net_connections("tcp")
    )


def under_way(serving: Serving) -> int:
    """What any worker says of all."""
    with httpx.Client(verify=serving.tls or True) as client:
        text = client.get(f"https://localhost:{serving.port}/metrics", timeout=PATIENCE_S).text
    (line,) = [line for line in text.splitlines() if line.startswith("elms_calls_under_way ")]
    return round(float(line.split()[1]))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def answered(
    serving: Serving, number: int, actions: Sequence[CallerAction]
) -> dict[str, str]:
    """A call that is made again while a busy machine's service refuses it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await serving.call(number, actions)
            except InvalidStatus as refused:
                assert refused.response.status_code == 503
                await asyncio.sleep(0.5)


async def callers_at_each_worker(serving: Serving) -> list[asyncio.Task[dict[str, str]]]:
    """One call after another until both workers hear one: the second worker starts later, perhaps
    after the first callers were handed to a person.
    """
    calls: list[asyncio.Task[dict[str, str]]] = []
    while not all(held(serving, worker) for worker in workers(serving)):
        calls.append(asyncio.create_task(answered(serving, len(calls), STAYS)))
        await until(lambda: under_way(serving) == open_of(calls))
    return calls


def open_of(calls: Sequence[asyncio.Task[dict[str, str]]]) -> int:
    """How many of them have not ended."""
    return sum(not call.done() for call in calls)


def failed(calls: Sequence[asyncio.Task[dict[str, str]]]) -> int:
    """How many of them the service lost; the dialplan puts those through to a person."""
    return sum(call.done() and call.result()["NEXT"] == "failed" for call in calls)


def test_a_killed_worker_loses_only_its_own_calls(serving: Serving) -> None:
    async def story() -> None:
        await until(lambda: len(workers(serving)) == 2)
        calls = await callers_at_each_worker(serving)
        killed, other = workers(serving)
        lost = held(serving, killed)
        killed.kill()
        await until(lambda: failed(calls) >= lost)
        await until(lambda: under_way(serving) == open_of(calls))
        assert failed(calls) == lost > 0
        assert other.is_running()
        steps = await answered(serving, 99, CALLS["keyed"])
        assert steps["NEXT"] == "hangup", "others are answered meanwhile"
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    asyncio.run(story())


def test_no_socket_and_no_process_is_left_behind(serving: Serving) -> None:
    assert serving.end() == 0
    assert not list((serving.folder / "temporary").glob("elms-metrics-*"))
