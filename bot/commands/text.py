"""`elms-ivr text`: a call in the terminal, without audio."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from typing import Annotated

import typer
from rich.console import Console

from bot.bootstrap import call_service, check_backend, words_of
from bot.calls.trace import TraceEvent
from bot.clock import at
from bot.commands.call_time import Moment, moment_of
from bot.commands.console import Conversation, nothing
from bot.commands.listen import meaning
from bot.commands.settings_file import SettingsFile
from bot.demo_backend import Live, backend_of
from bot.grammar import Grammars
from bot.lines.text import TextLine, entries
from bot.settings import load_settings

HINT = "Type digits to key them, words to say them, an empty line for silence; Ctrl-D hangs up."


def text(
    settings: SettingsFile = None,
    verbose: Annotated[
        bool, typer.Option(help="Show timers, decisions, and what would have been understood.")
    ] = False,
    moment: Annotated[str | None, Moment] = None,
    live: Annotated[bool, Live] = False,
) -> None:
    """Talk to ELMS in the terminal: digits are keyed, words are said."""
    loaded, clock = load_settings(settings), at(moment_of(moment, live))
    words = words_of(loaded)  # a wrong file ends the command before the backend starts
    console = Console()
    with backend_of(loaded, live) as client:

        async def talk() -> str:
            await check_backend(client or loaded.backend)
            async with call_service(
                loaded, words=words, backend=client, aloud=False, now=clock
            ) as calls:
                console.print(HINT, style="dim")
                typist = _Typist(words[1])
                explain = typist.explain if verbose else nothing
                shown = Conversation(console, verbose, timed=False, read=True, explain=explain)
                typist.before_reading = shown.flush
                ended = await calls.answer(TextLine(typist.read), (shown,))
                return ended.record.outcome.outcome

        asyncio.run(talk())


class _Typist:
    """Reads what is typed, and says what would have been understood instead."""

    def __init__(self, grammars: Grammars) -> None:
        self._grammars = grammars
        self._typed = ""
        self.before_reading: Callable[[], None] = lambda: None

    def read(self) -> str | None:
        """The next line of input; None at its end."""
        self.before_reading()
        if sys.stdin.isatty():
            sys.stdout.write("> ")
            sys.stdout.flush()
        line = sys.stdin.readline()
        self._typed = line.rstrip("\n")
        return self._typed if line else None

    def explain(self, event: TraceEvent) -> Iterator[str]:
        """Suggest what the last line could have been, if it was not understood."""
        pairs = [self._grammars.get(uri) for uri in event.missed]
        for entry in entries(self._typed) if pairs else ():
            yield from meaning(pairs, entry, self._grammars)
