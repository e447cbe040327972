"""The conversation as text: the content of the call page's pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from bot.calls.heard import joined
from bot.calls.trace import HIDDEN, TraceEvent
from bot.records import CallRecord, TurnRecord
from bot.reports.labels import MODES, clock, event_words, field_title, result_words
from bot.reports.sentences import Sentence, sentences
from bot.reports.wording import Wording

_ORDER = {"caller": 0, "call": 1, "reply": 2}
"""Order of lines that begin at the same time: a reply follows what it replies to."""

_LANES = {"partial": "partial result", "timer": "timer", "decision": "decision"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step that led to an entry, for readers who want to know how it was recognized."""

    time: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the conversation. ``facts`` are names and values of measurements."""

    who: Literal["reply", "caller", "call"]
    at_ms: int
    end_ms: int
    text: str
    value: str = ""
    about: str = ""
    hidden: bool = False
    unheard: str = ""
    missed: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def time(self) -> str:
        """Its start time."""
        return clock(self.at_ms)


def conversation(
    record: CallRecord, events: Sequence[TraceEvent], wording: Wording
) -> tuple[Line, ...]:
    """Every sentence, entry, request, and fault of the call, in order of time."""
    steps = [*_steps(events), *([] for _ in record.turns)]
    turns = zip(record.turns, steps, strict=False)
    lines = [_entry(turn, led, events, wording) for turn, led in turns]
    others = [event for event in events if event.lane in {"backend", "call"}]
    lines += [_other(event, wording) for event in others]
    began = [line.at_ms for line in lines]
    lines += _replies(sentences(events), began)
    return tuple(sorted(lines, key=lambda line: (line.at_ms, _ORDER[line.who])))


def _replies(said: Sequence[Sentence], began: Sequence[int]) -> Iterator[Line]:
    """Merge sentences between two other lines into one reply."""
    ordered = sorted(said, key=lambda one: one.at_ms)
    for _, group in groupby(ordered, key=lambda one: sum(at <= one.at_ms for at in began)):
        run = list(group)
        heard = [one for one in run if one.heard]
        yield Line(
            who="reply",
            at_ms=run[0].at_ms,
            end_ms=max(one.end_ms for one in run),
            text=joined([one.text for one in heard]),
            unheard=joined([one.text for one in run if not one.heard]),
            about="stopped by the caller" if any(one.cut for one in run) else "",
        )


def _entry(
    turn: TurnRecord, steps: Sequence[TraceEvent], events: Sequence[TraceEvent], wording: Wording
) -> Line:
    timing = turn.timing
    spoken_ms = timing.end_ms if timing.speech_start_ms is None else timing.speech_start_ms
    text = _understood(turn, events) if turn.result == "match" else result_words(turn)
    return Line(
        who="caller",
        at_ms=spoken_ms,
        end_ms=timing.end_ms,
        text=text,
        value=turn.value if turn.value is not None and turn.value != text else "",
        about=field_title(turn, wording),
        hidden=text == HIDDEN,
        missed=turn.result != "match",
        facts=tuple(_facts(turn)),
        steps=tuple(_step(one) for one in sorted(steps, key=lambda one: one.at_ms)),
    )


def _understood(turn: TurnRecord, events: Sequence[TraceEvent]) -> str:
    """Return what was understood; as in the trace if the record has no words."""
    known = turn.utterance or turn.value
    if known:
        return known
    ended_ms = turn.timing.end_ms
    traced = (one.text for one in events if one.lane == "caller" and one.end_ms == ended_ms)
    return next(traced, HIDDEN)


def _facts(turn: TurnRecord) -> Iterator[tuple[str, str]]:
    if turn.mode is not None:
        yield "mode", MODES[turn.mode]
    if turn.confidence is not None:
        yield "confidence", f"{turn.confidence:.2f}"
    if turn.timing.reply_after_ms is not None:
        yield "reply after", f"{turn.timing.reply_after_ms} ms"
    if turn.bargein:
        yield "barge-in", "stopped the prompt"
    if turn.decision is not None:
        yield "decision", turn.decision


def _steps(events: Sequence[TraceEvent]) -> list[list[TraceEvent]]:
    """The steps of each entry: in a trace they come before it, and the decision after it."""
    steps: list[list[TraceEvent]] = []
    waiting: list[TraceEvent] = []
    for event in events:
        if event.lane in {"partial", "timer"}:
            waiting.append(event)
        elif event.lane == "caller":
            steps.append(waiting)
            waiting = []
        elif event.lane == "decision" and steps:
            steps[-1].append(event)
    return steps


def _step(event: TraceEvent) -> Step:
    detail = f" ({event.detail})" if event.detail else ""
    return Step(clock(event.at_ms), _LANES[event.lane], f"{event.text}{detail}")


def _other(event: TraceEvent, wording: Wording) -> Line:
    return Line(
        who="call",
        at_ms=event.at_ms,
        end_ms=event.at_ms if event.end_ms is None else event.end_ms,
        text=event_words(event, wording),
        about=event.detail,
        hidden=event.text == HIDDEN,
    )
