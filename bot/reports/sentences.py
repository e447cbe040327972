"""What the caller heard of each sentence, since an early entry cuts the prompt short.

A trace has every sentence when it is queued, with the times at which it would be played; the turn
record has the time at which the prompt was stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.calls.trace import TraceEvent
from bot.records import CallRecord, TurnRecord


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a reply.

    If nothing of it was heard, both times are the start of the previous sentence.
    """

    at_ms: int
    end_ms: int
    text: str
    cut: bool = False

    @property
    def heard(self) -> bool:
        """Whether any of it was heard."""
        return self.end_ms > self.at_ms or not self.cut


def sentences(record: CallRecord, events: Sequence[TraceEvent]) -> tuple[Sentence, ...]:
    """All sentences of the call in trace order, cut where a turn stopped the prompt."""
    turns = iter(record.turns)
    queued: list[TraceEvent] = []
    heard: list[Sentence] = []
    for event in events:
        if event.lane == "reply":
            queued.append(event)
        elif event.lane == "caller":
            heard.extend(_cut(queued, next(turns, None)))
            queued.clear()
    return (*heard, *_cut(queued, next(turns, None)))


def _cut(queued: Sequence[TraceEvent], turn: TurnRecord | None) -> Iterator[Sentence]:
    stop_ms = turn.timing.prompt_end_ms if turn is not None and turn.bargein else None
    heard_ms = stop_ms or 0
    for event in queued:
        end_ms = event.at_ms if event.end_ms is None else event.end_ms
        if stop_ms is None or end_ms <= stop_ms:
            yield Sentence(event.at_ms, end_ms, event.text)
        elif event.at_ms < stop_ms:
            yield Sentence(event.at_ms, stop_ms, event.text, cut=True)
        else:
            yield Sentence(heard_ms, heard_ms, event.text, cut=True)
            continue
        heard_ms = event.at_ms
