"""The rows of the call page: events placed on one axis, in percent of the call.

A row with overlapping marks gets additional lines, so that no label covers another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.calls.trace import TraceEvent
from bot.records import CallRecord, TurnRecord
from bot.reports.labels import clock, event_words, field_title, turn_title
from bot.reports.sentences import Sentence, sentences
from bot.reports.wording import Wording

MARK_SHARE = 1 / 90
"""Share of the axis that a mark without length needs beside its neighbor."""

MOST_LINES = 3

KEY = "key"
"""A trace's description of a pressed key."""

FLIP_FROM, FLIP_ENTRY_FROM = 97.0, 92.0
"""From this position, in percent, a label (an entry's, in bold) does not fit after its mark."""

_ROWS = (
    ("turn", "Turns", "turn", "What the caller was asked, one block per turn"),
    ("reply", "{service} says", "{service}", "Sentences as they were heard"),
    ("caller", "Caller enters", "caller", "Entries as they were understood"),
    ("partial", "Partial results", "partial result", "Words while they were spoken"),
    ("timer", "Timers", "timer", "Which timer ran, and why it ended"),
    ("decision", "Decisions", "decision", "What the dialog did with an entry"),
    ("backend", "Records", "records", "Requests to the backend"),
    ("call", "Call", "call", "Start, transfer, end, and faults"),
)
"""Lane, title, what one mark is called, and an explanation."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One item on the axis. ``left``, ``width``, and ``room`` for a label are in percent of it.

    The label of a ``flip`` mark is placed before it, at the end of the axis.
    """

    lane: str
    at_ms: int
    end_ms: int
    label: str
    text: str
    detail: str = ""
    kind: str = ""
    line: int = 0
    left: float = 0.0
    width: float = 0.0
    room: float = 0.0
    flip: bool = False

    @property
    def part(self) -> float:
        """The mark's own length, in percent of its room."""
        return round(min(100.0, 100 * self.width / self.room), 4) if self.room else 100.0

    @property
    def time(self) -> str:
        """Its time, or start and end if it lasted."""
        until = f"–{clock(self.end_ms)}" if self.end_ms > self.at_ms else ""
        return f"{clock(self.at_ms)}{until}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the page. ``noun`` is one mark of it, for a reader who cannot see the row."""

    name: str
    title: str
    noun: str
    about: str
    lines: int
    marks: tuple[Mark, ...]


def rows(
    record: CallRecord, events: Sequence[TraceEvent], duration_ms: int, wording: Wording
) -> tuple[Row, ...]:
    """The rows that are not empty."""
    names = {"service": wording.service}
    made = {
        "turn": [_turn(turn, wording) for turn in record.turns],
        "reply": [_sentence(one) for one in sentences(events) if one.heard],
        "partial": _partials(record, events),
        "timer": _timers(events),
    }
    made["caller"] = [_entry(event) for event in events if event.lane == "caller"]
    for name in ("decision", "backend", "call"):
        made[name] = [_mark(event, wording) for event in events if event.lane == name]
    return tuple(
        _row(
            Row(name, title.format(**names), noun.format(**names), about, 1, ()),
            made[name],
            duration_ms,
        )
        for name, title, noun, about in _ROWS
        if made[name]
    )


def ticks(duration_ms: int) -> tuple[tuple[float, str], ...]:
    """Positions of the axis lines in percent, with labels; about ten for the whole call."""
    steps = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000)
    step = next((one for one in steps if duration_ms / one <= 12), 600_000)
    return tuple((_share(at, duration_ms), _tick(at)) for at in range(0, duration_ms, step))


def _tick(at_ms: int) -> str:
    """A time on the axis; whole seconds have no hundredths."""
    return clock(at_ms).removesuffix(".00")


def muted(spans: Sequence[tuple[int, int]], duration_ms: int) -> list[tuple[float, float]]:
    """Left and width of the muted spans, in percent; adjacent ones are merged."""
    joined: list[tuple[int, int]] = []
    for start_ms, end_ms in sorted(spans):
        if joined and start_ms <= joined[-1][1]:
            first_ms, last_ms = joined.pop()
            joined.append((first_ms, max(last_ms, end_ms)))
        else:
            joined.append((max(0, start_ms), end_ms))
    return [span(start_ms, end_ms, duration_ms) for start_ms, end_ms in joined]


def span(start_ms: int, end_ms: int, duration_ms: int) -> tuple[float, float]:
    """Left and width of a span, in percent."""
    left = _share(min(start_ms, duration_ms), duration_ms)
    return left, _share(min(end_ms, duration_ms), duration_ms) - left


def _turn(turn: TurnRecord, wording: Wording) -> Mark:
    signs = {"match": "✓", "nomatch": "?", "noinput": "–", "hangup": "×"}
    return Mark(
        lane="turn",
        at_ms=turn.timing.start_ms,
        end_ms=turn.timing.end_ms,
        label=f"{signs[turn.result]} {field_title(turn, wording)}",
        text=turn_title(turn, wording),
        detail=f"decision: {turn.decision}" if turn.decision else "",
        kind=turn.result,
    )


def _sentence(one: Sentence) -> Mark:
    detail = "stopped by the caller" if one.cut else ""
    return Mark(
        "reply", one.at_ms, one.end_ms, one.text, one.text, detail, "cut" if one.cut else ""
    )


def _mark(event: TraceEvent, wording: Wording | None = None) -> Mark:
    end_ms = event.at_ms if event.end_ms is None else event.end_ms
    text = event_words(event, wording) if wording else event.text
    return Mark(event.lane, event.at_ms, end_ms, text, text, event.detail)


def _entry(event: TraceEvent) -> Mark:
    """The mark of an entry; its label is the value, as there is rarely room for the words too."""
    mark = _mark(event)
    return replace(mark, label=mark.text.rpartition("→ ")[2])


def _partials(record: CallRecord, events: Sequence[TraceEvent]) -> list[Mark]:
    """Each partial result lasts until the next one; its label has the new words."""
    found = [event for event in events if event.lane == "partial"]
    ends = sorted(turn.timing.end_ms for turn in record.turns)
    marks: list[Mark] = []
    for number, event in enumerate(found):
        before = found[number - 1].text if number else ""
        following = [one.at_ms for one in found[number + 1 : number + 2]]
        over = [end for end in ends if end > event.at_ms][:1]
        end_ms = min([*following, *over], default=event.at_ms)
        label = event.text.removeprefix(before).strip() or event.text
        marks.append(
            replace(_mark(event), end_ms=max(event.at_ms, end_ms), label=label, kind="word")
        )
    return marks


def _timers(events: Sequence[TraceEvent]) -> list[Mark]:
    """Timers as they ran; successive keys share one mark, to save space."""
    marks: list[Mark] = []
    keys = 0
    for event in (one for one in events if one.lane == "timer"):
        keys = keys + 1 if event.text == KEY else 0
        if keys > 1:
            text = f"{keys} keys"
            marks[-1] = replace(marks[-1], end_ms=event.at_ms, label=text, text=text)
        else:
            marks.append(_mark(event))
    return marks


def _row(row: Row, marks: Iterable[Mark], duration_ms: int) -> Row:
    placed: list[Mark] = []
    free_ms: list[float] = []
    least_ms = duration_ms * MARK_SHARE
    for mark in sorted(marks, key=lambda one: one.at_ms):
        lasts = mark.end_ms > mark.at_ms or mark.lane == "partial"
        needs_ms = mark.end_ms if lasts else mark.at_ms + least_ms
        line = next((i for i, free in enumerate(free_ms) if free <= mark.at_ms), len(free_ms))
        line = min(line, MOST_LINES - 1)
        free_ms[line : line + 1] = [needs_ms]
        left, width = span(mark.at_ms, mark.end_ms, duration_ms)
        placed.append(replace(mark, line=line, left=left, width=width))
    return replace(row, lines=max(1, len(free_ms)), marks=tuple(_with_room(placed)))


def _with_room(placed: Sequence[Mark]) -> Iterable[Mark]:
    """Labels end where the next mark on the same line begins, or share the space with the last."""
    for number, mark in enumerate(placed):
        after = [one for one in placed[number + 1 :] if one.line == mark.line]
        before = [one for one in placed[:number] if one.line == mark.line]
        if not after and _flips(mark):
            free = mark.left - (before[-1].left + before[-1].width if before else 0.0)
            yield replace(mark, room=round(free / 2, 4), flip=True)
            continue
        free = (after[0].left if after else 100.0) - mark.left
        shared = len(after) == 1 and _flips(after[0])
        yield replace(mark, room=round(max(0.0, free / 2 if shared else free), 4))


def _flips(mark: Mark) -> bool:
    return mark.left > (FLIP_ENTRY_FROM if mark.lane == "caller" else FLIP_FROM)


def _share(at_ms: int, duration_ms: int) -> float:
    return round(100 * at_ms / max(1, duration_ms), 4)
