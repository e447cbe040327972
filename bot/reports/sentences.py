"""Tracks how much of each sentence the caller heard, as the line reported it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.calls.trace import TraceEvent


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a reply.

    If nothing of it was heard, both times are the start of the sentence before it.
    """

    at_ms: int
    end_ms: int
    text: str
    cut: bool = False
    heard: bool = True
    """True if any of it was heard."""


def sentences(events: Sequence[TraceEvent]) -> tuple[Sentence, ...]:
    """All sentences of the call in the order of the trace."""
    return tuple(_sentence(event) for event in events if event.lane in {"reply", "unheard"})


def _sentence(event: TraceEvent) -> Sentence:
    end_ms = event.at_ms if event.end_ms is None else event.end_ms
    unheard = event.lane == "unheard"
    return Sentence(event.at_ms, end_ms, event.text, event.cut or unheard, not unheard)
