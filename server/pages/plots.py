"""Plots as numbers for SVG templates, without scripts or images; tables show the same data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.models import Call
from server.pages.words import field, outcome, result

WIDTH, HEIGHT, FOOT, HEAD = 640, 160, 20, 14
AXIS = 44
"""Space on the left for the counts."""
FILLS = {"match": "match", "nomatch": "nomatch", "noinput": "noinput", "hangup": "left"}
LABEL_EVERY = 12


@dataclass(frozen=True, slots=True)
class Box:
    """One rectangle, in the plot's own units."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    """The kind; the style sheet colors ``fill-KIND`` for light and dark."""
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """Text at a point; ``anchor`` is SVG's text-anchor."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its size."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]
    lines: tuple[float, ...] = ()


def stacked(columns: Mapping[str, Mapping[str, int]], parts: Sequence[str]) -> Plot:
    """Columns of counts with parts stacked from the bottom, and an axis with the highest count."""
    most = max((sum(counts.values()) for counts in columns.values()), default=1)
    step = min((WIDTH - AXIS) / max(len(columns), 1), 60)
    every = -(-len(columns) // LABEL_EVERY) or 1
    bottom, boxes = float(HEAD + HEIGHT), []
    labels = [
        Label(0, HEAD - 4, f"{most:,} calls", "start"),
        Label(0, bottom - 4, "0", "start"),
    ]
    for index, (name, counts) in enumerate(columns.items()):
        top, left = bottom, AXIS + index * step
        for part in parts:
            count = counts.get(part, 0)
            if not count:
                continue
            height = count / most * HEIGHT
            top -= height
            title = f"{name}: {count} {outcome(part).lower()}"
            boxes.append(Box(left, top, step * 0.8, height, part, title))
        if index % every == 0:
            labels.append(Label(left + step * 0.4, bottom + FOOT - 4, name))
    height = HEAD + HEIGHT + FOOT
    return Plot(WIDTH, height, tuple(boxes), tuple(labels), (float(HEAD), bottom))


def bars(counts: Sequence[int]) -> Plot:
    """A histogram over tenths."""
    most, width, height = max(counts), 200, 48
    step = width / len(counts)
    boxes = tuple(
        Box(
            index * step,
            height - count / most * height,
            step * 0.85,
            count / most * height,
            "bar",
            f"{index / 10:.1f} to {(index + 1) / 10:.1f}: {count}",
        )
        for index, count in enumerate(counts)
    )
    return Plot(width, height, boxes, ())


def shares(parts: Sequence[tuple[int, int]]) -> Plot:
    """Columns over tenths from 0 to 100 percent: a part of a whole, empty without a whole."""
    bottom, step, boxes = float(HEAD + HEIGHT), (WIDTH - AXIS) / len(parts), []
    labels = [
        Label(0, HEAD - 4, "100%", "start"),
        Label(0, bottom - 4, "0%", "start"),
    ]
    for index, (part, whole) in enumerate(parts):
        left, height = AXIS + index * step, part / whole * HEIGHT if whole else 0.0
        span = f"{index / 10:.1f} to {(index + 1) / 10:.1f}"
        labels.append(Label(left + step * 0.4, bottom + FOOT - 4, span))
        if whole:
            title = f"Confidence {span}: {part} of {whole}"
            boxes.append(Box(left, bottom - height, step * 0.8, height, "bar", title))
    return Plot(WIDTH, HEAD + HEIGHT + FOOT, tuple(boxes), tuple(labels), (float(HEAD), bottom))


def timeline(call: Call) -> Plot:
    """The turns of a call along its audio."""
    length = max([call.duration_ms, 1, *(turn.end_ms for turn in call.turns)])
    boxes = []
    for turn in call.turns:
        start = turn.start_ms / length * WIDTH
        width = max((turn.end_ms - turn.start_ms) / length * WIDTH, 2)
        title = f"{field(turn.field)}, attempt {turn.attempt}: {result(turn.result)}"
        boxes.append(Box(start, 6, width - 1, 22, "turn", title))
        if turn.speech_start_ms is not None and turn.speech_end_ms is not None:
            speech = turn.speech_start_ms / length * WIDTH
            spoken = max((turn.speech_end_ms - turn.speech_start_ms) / length * WIDTH, 2)
            boxes.append(Box(speech, 10, spoken, 14, FILLS[turn.result], title))
    seconds = length / 1000
    anchors = ("start", "middle", "middle", "middle", "end")
    labels = tuple(
        Label(WIDTH * part / 4, 46, f"{seconds * part / 4:.0f} s", anchor)
        for part, anchor in enumerate(anchors)
    )
    return Plot(WIDTH, 50, tuple(boxes), labels)
