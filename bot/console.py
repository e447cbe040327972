"""Both sides of a conversation in the terminal, as it happens."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bot.trace import TraceEvent

_SIGNS = {"reply": ("ELMS  ", "cyan"), "caller": ("caller", "bold yellow")}


class Conversation:
    """A trace listener that prints replies and entries; other events only when ``verbose``."""

    def __init__(self, console: Console, verbose: bool = False) -> None:
        self._console = console
        self._verbose = verbose

    def __call__(self, event: TraceEvent) -> None:
        """Print one event."""
        sign = _SIGNS.get(event.lane)
        if sign is None and not self._verbose and event.lane != "call":
            return
        name, style = sign or (f"{event.lane:<6}", "dim")
        line = Text(f"{event.at_ms / 1000:7.2f} s  ", style="dim")
        line.append(f"{name}  ", style=style)
        line.append(event.text, style="" if sign else "dim")
        if event.detail:
            line.append(f"  {event.detail}", style="dim")
        self._console.print(line)
