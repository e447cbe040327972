"""Shows both sides of a conversation in the terminal as it happens."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.calls.trace import TraceEvent

_SIGNS = {"reply": ("ELMS", "cyan"), "caller": ("caller", "bold yellow")}
_NAME_WIDTH, _TIME_WIDTH = 8, 9


class Conversation:
    """A trace listener that prints replies and entries; other events only when ``verbose``.

    ``timed`` is False on a line without time. ``read`` means that the terminal replaces the sound;
    it then shows numbers that the caller gives in full.
    """

    def __init__(
        self, console: Console, verbose: bool = False, timed: bool = True, *, read: bool = False
    ) -> None:
        self._console = console
        self._verbose = verbose
        self._timed = timed
        self._read = read

    def __call__(self, event: TraceEvent) -> None:
        """Print one event; continuation lines are indented."""
        if event.cut or event.lane == "queued":
            return
        sign = _SIGNS.get(event.lane)
        if sign is None and not self._verbose and event.lane != "call":
            return
        name, style = sign or (event.lane, "dim")
        shown = event.aloud if self._read else event.text
        text = Text(shown, style="" if sign else "dim")
        if event.detail:
            text.append(f"  {event.detail}", style="dim")
        columns = Table.grid(padding=(0, 2))
        at = [Text(f"{event.at_ms / 1000:.2f} s", style="dim")] if self._timed else []
        if at:
            columns.add_column(width=_TIME_WIDTH, justify="right")
        columns.add_column(width=_NAME_WIDTH, style=style)
        columns.add_column()
        columns.add_row(*at, name, text)
        self._console.print(columns)
