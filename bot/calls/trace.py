"""What happened in a call, event by event: read by the console, the log and the call page.

Whoever writes an event keeps secrets out of it: a secret entry appears as HIDDEN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

Lane = Literal["reply", "caller", "partial", "timer", "decision", "backend", "call"]
"""What an event belongs to: a row on the call page.

``reply``: a sentence that was spoken. ``caller``: an entry as it was understood.
``partial``: words while they were spoken. ``timer``: which timer ran and why it ended.
``decision``: what the dialog made of an entry. ``backend``: a request and how long it took.
``call``: begin, hangup, transfer, outcome, faults.
"""

HIDDEN = "••••"


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """One event; ``end_ms`` where it lasts."""

    at_ms: int
    lane: Lane
    text: str
    end_ms: int | None = None
    detail: str = ""


TraceListener = Callable[[TraceEvent], None]


@dataclass(slots=True)
class Trace:
    """The events of one call in the order in which they were written."""

    listeners: tuple[TraceListener, ...] = ()
    events: list[TraceEvent] = field(default_factory=list)

    def add(
        self, at_ms: int, lane: Lane, text: str, end_ms: int | None = None, detail: str = ""
    ) -> None:
        """Keep an event and tell the listeners."""
        event = TraceEvent(at_ms, lane, text, end_ms, detail)
        self.events.append(event)
        for listener in self.listeners:
            listener(event)

    def fell_silent(self, at_ms: int) -> None:
        """The reply was cut: sentences that would have come later were never said."""
        self.events = [
            replace(event, end_ms=min(event.end_ms or at_ms, at_ms))
            if event.lane == "reply"
            else event
            for event in self.events
            if event.lane != "reply" or event.at_ms < at_ms
        ]
