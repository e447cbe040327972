"""A peak month of calls over the telephone line in compressed time: what is left behind each part.

The line, the dialog, and the dialplan's memory are the service's; engines and backend are fakes,
and the callers are the strict double of Asterisk, whose time passes only where nobody has anything
to do. Twenty calls are under way at once. After each tenth it prints the records stored so far, the
memory, and the files, sockets, and calls that are left; a task that is left ends it.

    python -m benchmarks.load.month --calls 15000
"""

from __future__ import annotations

import asyncio
import gc
import itertools
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.progress import track

from bot.calls import call_log
from bot.lines.simulated_caller import CallerAction
from tests.support.asterisk import Channel, Limits
from tests.support.asterisk_call import caller_variables, in_audio_time
from tests.support.telephone import KEYED, Office

AT_ONCE = 20
PEAK_MONTH = 15_000
CALLERS = {
    "completed": (KEYED, Limits()),
    "hangup": ((*KEYED[:1], CallerAction(after_ms=500, hangup=True)), Limits()),
    "completed, with XOFF": (KEYED, Limits(queue=400, xoff=100, xon=50)),
    "hangup at once": ((CallerAction(when="prompt-start", after_ms=300, hangup=True),), Limits()),
    "silent": ((CallerAction(wait_ms=600_000),), Limits()),
}


async def _calls(office: Office, first: int) -> None:
    kinds = itertools.cycle(CALLERS.values())
    async with asyncio.TaskGroup() as group:
        for number, (actions, limits) in zip(range(first, first + AT_ONCE), kinds, strict=False):
            variables = caller_variables(call=f"179.{number}")
            channel = Channel(limits=limits, variables=variables)
            group.create_task(office.call(actions, channel))
    left = len(asyncio.all_tasks()) - 1
    if left:
        raise RuntimeError(f"{left} tasks are left after {AT_ONCE} calls")


def main(
    calls: Annotated[int, typer.Option(help="Calls in all.")] = PEAK_MONTH,
) -> None:
    """Replay, and print a row after each tenth."""
    console, process = Console(), psutil.Process()
    call_log.configure_silent()
    office = Office()
    stored = 0
    parts = range(0, calls, AT_ONCE)
    tenth = max(1, len(parts) // 10)
    for done, first in enumerate(track(parts, "calls", console=console), 1):
        in_audio_time(_calls(office, first))
        stored += len(office.backend.stored)
        office.backend.stored.clear()
        office.lines.clear()
        if done % tenth == 0:
            gc.collect()
            memory = process.memory_info().rss / (1 << 20)
            console.print(
                f"{done * AT_ONCE} calls: {stored} records, {memory:.1f} MB, "
                f"{process.num_fds()} files and sockets, {office.exchange.there} calls under way"
            )


if __name__ == "__main__":
    typer.run(main)
