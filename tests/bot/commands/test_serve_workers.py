"""`elms-ivr serve --workers 2` over TLS, as it is run: one worker is killed in the middle."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from benchmarks.load.certificates import certificate
from bot.lines.simulated_caller import CallerAction
from tests.bot.commands.test_serve import Serving
from tests.support.canary_call import CALLS

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


def counting(serving: Serving) -> list[Path]:
    """Files of the workers that are about to take calls."""
    return list((serving.folder / "temporary").glob("elms-metrics-*/gauge_livesum_*.db"))


def under_way(serving: Serving) -> int:
    """What any worker says of all."""
    with httpx.Client(verify=serving.tls or True) as client:
        text = client.get(f"https://localhost:{serving.port}/metrics", timeout=20).text
    (line,) = [line for line in text.splitlines() if line.startswith("elms_calls_under_way ")]
    return round(float(line.split()[1]))


async def until(serving: Serving, calls: int) -> None:
    async with asyncio.timeout(60):
        while await asyncio.to_thread(under_way, serving) != calls:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


def test_a_killed_worker_costs_its_own_calls_only(serving: Serving) -> None:
    async def story() -> None:
        async with asyncio.timeout(120):
            while len(counting(serving)) < 2:  # noqa: ASYNC110  the second starts later
                await asyncio.sleep(0.2)
        await asyncio.sleep(1)
        calls = [asyncio.create_task(serving.call(number, STAYS)) for number in range(2)]
        await until(serving, 2)
        killed, other = workers(serving)
        killed.kill()
        began_s = time.monotonic()
        done, waiting = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        assert time.monotonic() - began_s < 2, "the caller is with a person within two seconds"
        assert [one.result()["NEXT"] for one in done] == ["failed"]
        assert len(waiting) == 1
        assert other.is_running()
        assert await asyncio.to_thread(under_way, serving) == 1
        steps = await serving.call(7, CALLS["keyed"])
        assert steps["NEXT"] == "hangup", "others are answered meanwhile"
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(story())
    assert serving.end() == 0


def test_no_socket_and_no_process_is_left(serving: Serving) -> None:
    assert serving.process.wait(60) == 0
    assert not list((serving.folder / "temporary").glob("elms-metrics-*"))
