"""`elms-ivr demo`: two recorded callers talk to the real service, faster than real time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.status import Status

from bot.audio.files import read_audio, to_pcm
from bot.bootstrap import call_service, words_of
from bot.calls.call import EndedCall
from bot.calls.trace import TraceEvent
from bot.clock import at
from bot.commands.console import Conversation
from bot.commands.settings_file import SettingsFile
from bot.demo_backend import DemoBackend
from bot.elms.call_page_wording import WORDING
from bot.errors import IvrError
from bot.lines.simulated import SimulatedLine
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.reports.call_files import write_call
from bot.resources import RECORDINGS
from bot.settings import Settings, load_settings

RATE = 8_000


@dataclass(frozen=True, slots=True)
class Demonstration:
    """One recorded caller: file names of recordings, or keys to press."""

    name: str
    title: str
    says: tuple[str, ...]
    verified: bool = True


# The PINs are those of two invented educators of the embedded backend; they protect nothing.
CALLERS = (
    Demonstration(
        "demo-keyed-pin",
        "A caller speaks the license number and keys the PIN",
        ("license_a.flac", "#5827", "two.flac", "four.flac"),
    ),
    Demonstration(
        "demo-spoken-pin",
        "A caller speaks the license number and the PIN",
        ("license_b.flac", "pin_b.flac", "three.flac", "four.flac"),
    ),
)


def demo(
    settings: SettingsFile = None,
    verbose: Annotated[bool, typer.Option(help="Show timers and decisions too.")] = False,
) -> None:
    """Play two recorded calls, and write the audio, record, and page of each to out/."""
    loaded = load_settings(settings)
    words = words_of(loaded)  # a wrong file ends the command before the backend starts
    console = Console()
    with console.status("starting the ELMS backend…") as status, DemoBackend() as backend:
        client = backend.start(loaded.backend)

        async def talk() -> list[EndedCall]:
            async with call_service(
                loaded, words=words, backend=client, warm_rates=(RATE,), now=at(None)
            ) as calls:
                ended: list[EndedCall] = []
                for number, caller in enumerate(CALLERS, 1):
                    console.rule(f"{number} of {len(CALLERS)}: {caller.title}")
                    line = SimulatedLine(SimulatedCaller(_actions(caller), RATE), RATE, caller.name)
                    listeners = (
                        Conversation(console, verbose, read=True),
                        _progress(status, f"call {number} of {len(CALLERS)}"),
                    )
                    ended.append(await calls.answer(line, listeners, record=True))
                return ended

        began = time.monotonic()
        ended = asyncio.run(talk())
        took_s = time.monotonic() - began
    _report(console, loaded, ended, took_s)


def _actions(caller: Demonstration) -> list[CallerAction]:
    return [
        CallerAction(keys=says[1:])
        if says.startswith("#")
        else CallerAction(pcm=to_pcm(read_audio(RECORDINGS / says).samples))
        for says in caller.says
    ]


def _progress(status: Status, title: str) -> Callable[[TraceEvent], None]:
    """Show the progress of the call on one line."""
    began = time.monotonic()

    def show(event: TraceEvent) -> None:
        worked_s = time.monotonic() - began
        status.update(f"{title}: {event.at_ms / 1000:.0f} s of call in {worked_s:.1f} s")

    return show


def _report(console: Console, settings: Settings, ended: list[EndedCall], took_s: float) -> None:
    console.rule()
    audio_s = sum(one.record.duration_ms for one in ended) / 1000
    console.print(f"{audio_s:.0f} s of calls in {took_s:.1f} s ({audio_s / took_s:.0f}× real time)")
    for caller, one in zip(CALLERS, ended, strict=True):
        page = write_call(one, settings.out, WORDING, caller.name)
        outcome = one.record.outcome
        verified = "verified" if outcome.verified else "not verified"
        ended_as = f"{caller.title}: {outcome.outcome}, {verified}. Open {page}"
        console.print(ended_as, soft_wrap=True)
        if outcome.verified is not caller.verified:
            raise IvrError(f"{caller.name} ended as {outcome.outcome}: {outcome.reason}")
