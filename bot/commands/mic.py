"""`elms-ivr mic`: a call through this computer's microphone and loudspeaker."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from bot.adapters.line_microphone import MicrophoneLine, devices
from bot.adapters.recognizer_vosk import RATES
from bot.bootstrap import call_service, check_backend, words_of
from bot.calls.call import EndedCall
from bot.calls.trace import TraceEvent
from bot.clock import at
from bot.commands.call_time import Moment, moment_of
from bot.commands.console import Conversation
from bot.commands.keyboard import keyboard
from bot.commands.settings_file import SettingsFile
from bot.demo_backend import Live, backend_of
from bot.elms.call_page_wording import WORDING
from bot.errors import DeviceError
from bot.reports.call_files import write_call
from bot.settings import Settings, load_settings

METER_WIDTH = 30
METER_S = 0.1
KEYS_HINT = "Keys: 0 to 9, * and # are the telephone's keypad; q, Ctrl-C, or Ctrl-D hangs up."


def mic(
    list_devices: Annotated[bool, typer.Option("--list", help="List sound devices.")] = False,
    input_device: Annotated[
        str | None, typer.Option("--input", help="Number or name of the device.")
    ] = None,
    output_device: Annotated[
        str | None, typer.Option("--output", help="Number or name of the device.")
    ] = None,
    rate: Annotated[int, typer.Option(help="Sample rate, Hz.")] = 16_000,
    headset: Annotated[bool, typer.Option(help="Full duplex, to speak over prompts.")] = False,
    keep: Annotated[bool, typer.Option(help="Write audio, record, and page to out/.")] = False,
    settings: SettingsFile = None,
    moment: Annotated[str | None, Moment] = None,
    live: Annotated[bool, Live] = False,
) -> None:
    """Talk to ELMS through the microphone; digits on the keyboard are the keypad, q hangs up."""
    if list_devices:
        print("\n".join(devices()))
        return
    if rate not in RATES:
        raise DeviceError(f"--rate {rate}: use one of {', '.join(map(str, RATES))}")
    line = MicrophoneLine(rate, _device(input_device), _device(output_device), headset)
    loaded = load_settings(settings)
    words = words_of(loaded)  # a wrong file ends the command before the backend starts
    console = Console()
    with backend_of(loaded, live) as client:

        async def talk() -> EndedCall:
            await check_backend(client or loaded.backend)
            async with call_service(
                loaded,
                words=words,
                backend=client,
                warm_rates=(rate,),
                now=at(moment_of(moment, live)),
            ) as calls:
                line.open()
                console.print(KEYS_HINT, style="dim")
                with keyboard(line.press, line.leave):
                    heard = _Heard()
                    meter = asyncio.create_task(_meter(line, heard, console))
                    listeners = (Conversation(console), heard)
                    try:
                        return await calls.answer(line, listeners, record=keep)
                    finally:
                        meter.cancel()

        ended = asyncio.run(talk())
    if keep:
        _keep(ended, loaded, console)


def _keep(ended: EndedCall, settings: Settings, console: Console) -> None:
    console.print(f"written: {write_call(ended, settings.out, WORDING)}")


def _device(name: str | None) -> int | str | None:
    return int(name) if name is not None and name.isdigit() else name


class _Heard:
    """A trace listener that keeps the words that are being heard, until they are understood."""

    def __init__(self) -> None:
        self.words = ""

    def __call__(self, event: TraceEvent) -> None:
        """Follow the words of one entry; a secret entry has none."""
        if event.lane == "hearing":
            self.words = event.aloud
        elif event.lane == "caller":
            self.words = ""


async def _meter(line: MicrophoneLine, heard: _Heard, console: Console) -> None:
    """Show the microphone's level and what is heard, on one line during the call."""
    if not console.is_terminal:
        return
    with console.status("") as status:
        while True:
            filled = max(0, min(METER_WIDTH, round((line.level_db + 60) / 60 * METER_WIDTH)))
            level = f"mic {'█' * filled:<{METER_WIDTH}} {line.level_db:4.0f} dBFS"
            status.update(Text(f"{level}  {heard.words}"))
            await asyncio.sleep(METER_S)
