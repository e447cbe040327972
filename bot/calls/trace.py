"""The events of a call: read by the console, the log, and the call page.

Whoever adds an event keeps secrets out of it: a secret entry appears as HIDDEN. So does a number
that may be a secret, until the end of the call settles whether it was the caller's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from bot.types import Say

Lane = Literal[
    "queued",
    "hearing",
    "reply",
    "unheard",
    "caller",
    "partial",
    "timer",
    "decision",
    "backend",
    "call",
]
"""The kind of an event: a row on the call page.

``queued``: a sentence about to be spoken; only listeners get it. ``hearing``: words while the
caller speaks; only listeners get them, and none of a secret. ``reply``: a sentence, when it begins
to be heard. ``unheard``: a sentence that a barge-in or hangup took back before it began; listeners
do not get it. ``caller``: an entry as it was understood. ``partial``: words while they were spoken.
``timer``: a timer that ran, and why it ended. ``decision``: the dialog's decision about an entry.
``backend``: a request and how long it took. ``call``: begin, hangup, transfer, outcome, faults.
"""

HIDDEN = "••••"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A text with a number in it, kept in memory until the number is proven or the call ends."""

    text: str = field(repr=False)
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """One event; ``end_ms`` is set if it lasts. ``withheld`` content is not in ``text``.

    A reply that is ``cut`` was added before: the caller heard it only until ``end_ms``.
    """

    at_ms: int
    lane: Lane
    text: str
    end_ms: int | None = None
    detail: str = ""
    withheld: Withheld | None = None
    cut: bool = False
    missed: tuple[str, ...] = ()
    """The grammars that did not understand the caller; empty for a secret."""
    keepable: bool = True
    """True if the record may have the text of a sentence; never for personal details."""
    turn: int = 0
    """Number of turns kept when the sentence was spoken."""

    @property
    def aloud(self) -> str:
        """The text for those who listen live; must never be written."""
        return self.withheld.text if self.withheld else self.text


TraceListener = Callable[[TraceEvent], None]


@dataclass(slots=True)
class Trace:
    """The events of one call in the order in which they were added."""

    listeners: tuple[TraceListener, ...] = ()
    events: list[TraceEvent] = field(default_factory=list)
    turns: int = 0
    """Number of turns kept so far."""

    def add(
        self,
        at_ms: int,
        lane: Lane,
        text: str,
        end_ms: int | None = None,
        detail: str = "",
        number: str = "",
        missed: tuple[str, ...] = (),
    ) -> None:
        """Keep an event and call the listeners; with a ``number`` in it, the text is withheld."""
        withheld = Withheld(text, number) if number else None
        shown = HIDDEN if number else text
        event = TraceEvent(at_ms, lane, shown, end_ms, detail, withheld, missed=missed)
        self.events.append(event)
        self._tell(event)

    def said(self, at_ms: int, said: Say, end_ms: int, detail: str = "") -> None:
        """Note that a sentence begins to be heard."""
        event = self._sentence(at_ms, "reply", said, end_ms, detail)
        self.events.append(event)
        self._tell(event)

    def unheard(self, at_ms: int, said: Say) -> None:
        """Note that a sentence was taken back; ``at_ms`` is where the previous one began."""
        self.events.append(self._sentence(at_ms, "unheard", said, at_ms, ""))

    def _sentence(self, at_ms: int, lane: Lane, said: Say, end_ms: int, detail: str) -> TraceEvent:
        withheld = Withheld(said.caption, said.number) if said.number else None
        text = HIDDEN if withheld else said.caption
        keepable = not said.confidential and (not said.private or bool(said.number))
        return TraceEvent(
            at_ms, lane, text, end_ms, detail, withheld, keepable=keepable, turn=self.turns
        )

    def queued(self, at_ms: int, text: str, number: str = "") -> None:
        """Give the listeners the sentence that comes next, unless the caller stops it."""
        withheld = Withheld(text, number) if number else None
        self._tell(TraceEvent(at_ms, "queued", HIDDEN if number else text, withheld=withheld))

    def hearing(self, at_ms: int, words: tuple[str, ...]) -> None:
        """Give the listeners the words heard so far, which are not kept."""
        text = " ".join(words)
        self._tell(TraceEvent(at_ms, "hearing", HIDDEN, withheld=Withheld(text, text)))

    def fell_silent(self, at_ms: int) -> None:
        """End the current sentence; the listeners get it again, as it is now."""
        for place, event in enumerate(self.events):
            if event.lane == "reply" and event.end_ms is not None and event.end_ms > at_ms:
                cut = replace(event, end_ms=max(event.at_ms, at_ms), cut=True)
                self.events[place] = cut
                self._tell(cut)

    def _tell(self, event: TraceEvent) -> None:
        for listener in self.listeners:
            listener(event)

    def settle(self, is_proven: Callable[[str], bool]) -> None:
        """End the call: show what was withheld for proven numbers, and forget the rest."""
        settled = ((event, _settled(event, is_proven)) for event in self.events)
        self.events = [
            after
            for before, after in settled
            if after.lane != "partial" or before.withheld is None or after.text != HIDDEN
        ]


def _settled(event: TraceEvent, is_proven: Callable[[str], bool]) -> TraceEvent:
    if event.withheld is None:
        return event
    shown = event.withheld.text if is_proven(event.withheld.number) else event.text
    return replace(event, text=shown, withheld=None)
