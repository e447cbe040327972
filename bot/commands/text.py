"""`elms-ivr text`: a call in the terminal, without audio."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.bootstrap import call_service, check_backend, words_of
from bot.clock import at
from bot.commands.call_time import Moment, moment_of
from bot.commands.console import Conversation
from bot.demo_backend import Live, backend_of
from bot.lines.text import TextLine
from bot.settings import load_settings

HINT = "Type digits to key them, words to say them, an empty line for silence; Ctrl-D hangs up."


def text(
    settings: Annotated[Path | None, typer.Option(help="TOML file of settings.")] = None,
    verbose: Annotated[bool, typer.Option(help="Show timers and decisions too.")] = False,
    moment: Annotated[str | None, Moment] = None,
    live: Annotated[bool, Live] = False,
) -> None:
    """Talk to ELMS in the terminal: digits are keyed, words are said."""
    loaded, clock = load_settings(settings), at(moment_of(moment, live))
    words_of(loaded)  # a wrong file ends the command before the backend starts
    console = Console()
    with backend_of(loaded, live) as client:

        async def talk() -> str:
            await check_backend(client or loaded.backend)
            async with call_service(loaded, backend=client, aloud=False, now=clock) as calls:
                console.print(HINT, style="dim")
                shown = Conversation(console, verbose, timed=False, read=True)
                ended = await calls.answer(TextLine(_read), (shown,))
                return ended.record.outcome.outcome

        asyncio.run(talk())


def _read() -> str | None:
    """The next line of input; None at its end."""
    if sys.stdin.isatty():
        sys.stdout.write("> ")
        sys.stdout.flush()
    line = sys.stdin.readline()
    return line.rstrip("\n") if line else None
