"""Runs whole calls with canary PINs in a folder, keeping everything that anything writes.

Started as a process of its own, so that what engines print is caught, too.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

import httpx
import numpy as np

from bot import bootstrap
from bot.audio.files import Samples, read_audio, to_pcm
from bot.calls import call_log
from bot.clock import at
from bot.commands.console import Conversation
from bot.demo_backend import DemoBackend
from bot.elms.call_page_wording import WORDING
from bot.lines.simulated import SimulatedLine
from bot.lines.simulated_caller import CallerAction, SimulatedCaller
from bot.replay.runner import ScriptedTimer
from bot.reports.call_files import write_call
from bot.resources import PROJECT
from bot.settings import BackendClient, load_settings

FIXTURES = PROJECT / "audio_fixtures" / "8k"
KEYED = "5827"
RATE = 8_000


QUIET = 300
"""Samples below are silence before and behind a recording."""


def _audio(*names: str, pause_ms: int = 0, wait_ms: int = 0, hangup: bool = False) -> CallerAction:
    """Recordings one after the other, with a pause between them and nothing else."""
    pause = bytes(2 * RATE * pause_ms // 1000)
    said = pause.join(to_pcm(_trimmed(name)) for name in names)
    return CallerAction(pcm=said, wait_ms=wait_ms, hangup=hangup)


def _quieter(name: str, times: int) -> bytes:
    return to_pcm(_trimmed(name) // times)


def _trimmed(name: str) -> Samples:
    samples = read_audio(FIXTURES / name).samples
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > QUIET)
    return samples[loud[0] : loud[-1] + 1]


CALLS = {
    "keyed": [_audio("license_a.flac"), CallerAction(keys=KEYED), CallerAction(keys="4")],
    "tones": [
        _audio("keys_license_a.flac"),
        CallerAction(keys=KEYED, tones=True),
        CallerAction(keys="4"),
    ],
    "spoken": [_audio("license_b.flac"), _audio("pin_b.flac"), _audio("four.flac")],
    "misplaced": [CallerAction(keys=KEYED), _audio("pin_b.flac"), _audio("pin_a.flac")],
    "with a command": [CallerAction(keys=f"{KEYED}*"), _audio("pin_a.flac", "help.flac")],
    "in one breath": [
        _audio("license_a.flac", "pin_a.flac"),
        _audio("license_b.flac", "pin_b.flac"),
    ],
    "and a person": [CallerAction(keys=f"{KEYED}0", wait_ms=8_000), CallerAction(hangup=True)],
    "said then keyed": [
        _audio("pin_b.flac"),
        CallerAction(when="previous", after_ms=300, keys="300715"),
        CallerAction(hangup=True),
    ],
    "twice": [_audio("pin_a.flac", "pin_a.flac", pause_ms=900), CallerAction(hangup=True)],
    "for the last digits": [
        _audio("license_a_first_half.flac"),
        CallerAction(keys="1"),
        _audio("pin_a.flac"),
        CallerAction(hangup=True),
    ],
    "during the last words": [
        _audio("license_a.flac"),
        CallerAction(keys=KEYED),
        CallerAction(keys="4"),
        CallerAction(when="previous", after_ms=600, pcm=_audio("pin_a.flac").pcm, wait_ms=2_000),
    ],
    "quietly over a prompt": [
        _audio("license_a.flac"),
        CallerAction(keys=KEYED),
        CallerAction(when="prompt-start", after_ms=2_000, pcm=_quieter("pin_a.flac", 4)),
        CallerAction(keys="4"),
    ],
    "before the number": [
        CallerAction(keys=f"{KEYED}421903"),
        CallerAction(keys="0", wait_ms=8_000),
    ],
    "with two digits more": [
        CallerAction(keys=f"{KEYED}42"),
        CallerAction(keys="2480"),
        CallerAction(hangup=True),
    ],
    "with zeros": [CallerAction(keys=f"{KEYED}00"), CallerAction(hangup=True)],
    "with one digit more": [CallerAction(keys=f"{KEYED}1"), CallerAction(hangup=True)],
    "said with two digits more": [
        _audio("pin_a.flac", "four.flac", "two.flac", pause_ms=120),
        CallerAction(keys="2480"),
        CallerAction(hangup=True),
    ],
    "hung up": [_audio("pin_b.flac", wait_ms=600, hangup=True)],
    "in the middle": [_audio("license_a.flac"), CallerAction(keys=KEYED[:3], hangup=True)],
}


def main(folder: Path) -> None:
    """Leave logs, database, bodies, recordings and records in the folder."""
    logging.basicConfig(level=logging.DEBUG, filename=folder / "library.log")
    call_log.configure((folder / "bot.log").open("w"), logging.DEBUG)
    original = bootstrap.http_client

    def watched(backend: BackendClient) -> httpx.AsyncClient:
        client = original(backend)

        async def keep(response: httpx.Response) -> None:
            with (folder / "bodies.log").open("ab") as bodies:
                bodies.write(await response.aread() + b"\n")

        client.event_hooks["response"] = [keep]
        return client

    bootstrap.http_client = watched
    with DemoBackend(folder / "elms.sqlite3") as backend:
        asyncio.run(_talk(folder, backend.start(BackendClient(timeout_ms=60_000))))


def file_name(call: str) -> str:
    """Of what a call leaves behind, without its ending."""
    return call.replace(" ", "_")


async def _talk(folder: Path, client: BackendClient) -> None:
    from rich.console import Console  # noqa: PLC0415  a console that writes to a file

    settings = load_settings(out=folder / "out")
    console = Console(file=(folder / "console.log").open("w"), width=200)
    timer = ScriptedTimer()
    async with bootstrap.call_service(settings, backend=client, now=at(None), timer=timer) as calls:
        for name, actions in CALLS.items():
            line = SimulatedLine(
                SimulatedCaller(actions, RATE), RATE, out_of_band_keys=False, longest_ms=240_000
            )
            ended = await calls.answer(line, (Conversation(console, True),), record=True)
            write_call(ended, settings.out, WORDING, file_name(name))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
