"""Shows both sides of a conversation in the terminal as it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.calls.trace import TraceEvent

_SIGNS = {"reply": ("ELMS", "cyan"), "caller": ("caller", "bold yellow")}
_NAME_WIDTH, _TIME_WIDTH = 8, 9
_ENDS = tuple(".?!")

Explain = Callable[[TraceEvent], Iterable[str]]


def nothing(_event: TraceEvent) -> Iterable[str]:
    """Explain nothing."""
    return ()


class Conversation:
    """A trace listener that prints replies and entries; other events only when ``verbose``.

    ``timed`` is False on a line without time. ``read`` means that the terminal replaces the sound;
    it then shows numbers that the caller gives in full, and a number that is read back on one line.
    ``explain`` is asked about entries that were not understood; it says what would have been.
    """

    def __init__(
        self,
        console: Console,
        verbose: bool = False,
        timed: bool = True,
        *,
        read: bool = False,
        explain: Explain = nothing,
    ) -> None:
        self._console = console
        self._verbose = verbose
        self._timed = timed
        self._read = read
        self._explain = explain
        self._begun: list[str] = []

    def __call__(self, event: TraceEvent) -> None:
        """Print one event; continuation lines are indented."""
        if event.cut or event.lane in {"queued", "hearing"}:
            return
        shown = event.aloud if self._read else event.text
        if self._read and event.lane == "reply" and self._goes_on(shown):
            return
        self.flush()
        sign = _SIGNS.get(event.lane)
        if sign is not None or self._verbose or event.lane == "call":
            name, style = sign or (event.lane, "dim")
            self._print(event, name, style, Text(shown, style="" if sign else "dim"))
        for line in self._explain(event):
            self._console.print(Text(f"{'':<{_NAME_WIDTH}}  {line}", style="dim"))

    def flush(self) -> None:
        """Print a sentence of which no more comes."""
        begun, self._begun = " ".join(self._begun), []
        if begun:
            self._print(TraceEvent(0, "reply", begun), *_SIGNS["reply"], Text(begun))

    def _goes_on(self, text: str) -> bool:
        """Keep a part of a sentence, such as one digit of a number that is read back."""
        if text[:1].isupper():
            self.flush()
        if text[-1:] in _ENDS and not self._begun:
            return False
        self._begun.append(text)
        if text[-1:] in _ENDS:
            self.flush()
        return True

    def _print(self, event: TraceEvent, name: str, style: str, text: Text) -> None:
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
