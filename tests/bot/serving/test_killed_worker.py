"""kill -9 of a worker that has 20 calls: where their callers get to, and what is kept of them.

Supervisor, sockets, FastAGI, and worker processes are real; engines and backend are fakes.
``benchmarks.load.killed`` says how fast it goes with the real ones.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import websockets
from websockets.asyncio.client import connect

from bot.calls.spool import Spool
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.records import CALL, CallRecord
from bot.serving.agi import AgiServer
from bot.serving.next_steps import NextSteps
from bot.serving.server import listen
from bot.serving.supervisor import Supervisor
from tests.bot.serving.test_agi import Dialplan
from tests.support.asterisk import Channel
from tests.support.asterisk_call import AsteriskCall, caller_variables
from tests.support.fake_worker import start
from tests.support.fakes import RATE
from tests.support.websocket_peer import Socket

pytestmark = [pytest.mark.e2e]

CALLS = 20
LISTENS = (CallerAction(wait_ms=300_000),)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  what is awaited is another process's
        await asyncio.sleep(0.25)


def held(port: int, pid: int) -> int:
    """Calls that this process hears now."""
    return sum(
        one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port
        for one in psutil.Process(pid).net_connections("tcp")
    )


async def caller(port: int, agi_port: int, number: int, channel: Channel) -> str:
    """One call to its end, and where the dialplan takes its caller then."""
    pbx_id = f"1795993468.{number}"
    protocols = [websockets.Subprotocol("media")]
    async with connect(f"ws://127.0.0.1:{port}/media", subprotocols=protocols) as connection:
        channel.variables = caller_variables(call=pbx_id)
        await AsteriskCall(Socket(connection), SimulatedCaller(LISTENS, RATE), channel).talk()
    variables = {"ELMS_ID": pbx_id}
    await Dialplan(variables).ask(agi_port)
    return variables["NEXT"]


async def story(spool: Spool) -> tuple[list[str], int]:
    """What is next for the callers of the killed worker, and how many others go on."""
    steps, listening = NextSteps(), listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    supervisor = Supervisor(start, 2, steps, spool)
    async with await AgiServer(steps).start("127.0.0.1", 0) as agi:
        agi_port = agi.sockets[0].getsockname()[1]
        await supervisor.begin()
        accepting = asyncio.create_task(supervisor.accept(listening))
        await until(lambda: supervisor.ready == 2)
        channels = [Channel() for _ in range(2 * CALLS)]
        calls = [
            asyncio.create_task(caller(port, agi_port, number, channel))
            for number, channel in enumerate(channels)
        ]
        killed, other = supervisor.pids
        await until(lambda: all(any(channel.heard) for channel in channels))  # all are greeted
        assert held(port, killed) == held(port, other) == CALLS
        os.kill(killed, signal.SIGKILL)
        await until(lambda: sum(call.done() for call in calls) == CALLS)
        supervisor.stop()
        others = held(port, other)
        lost = [call.result() for call in calls if call.done()]
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await supervisor.ended()
        accepting.cancel()
    return lost, others


def test_twenty_callers_of_a_killed_worker_get_to_a_person_and_their_records_are_kept(
    tmp_path: Path,
) -> None:
    lost, others = asyncio.run(story(Spool(tmp_path)))
    assert lost == ["failed"] * CALLS
    assert others == CALLS
    kept: list[CallRecord] = [CALL.validate_json(one.read_bytes()) for one in tmp_path.iterdir()]
    assert {record.outcome.reason for record in kept} == {"the process was killed"}
    assert len({record.pbx_id for record in kept}) == CALLS
