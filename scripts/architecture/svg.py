"""Pieces of SVG: boxes, wrapped text, and arrows. Lengths are pixels."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

Point = tuple[float, float]

_NARROW, _WIDE = "fijlrtI.,:;'|()[]/ -", "mwMW@%—"
"""Characters that are much narrower or wider than others in common sans-serif fonts."""


def width_of(content: str, size: float) -> float:
    """Approximate width of a text; rather too wide, since the reader's font is unknown."""
    ems = sum(0.36 if one in _NARROW else 0.9 if one in _WIDE else 0.6 for one in content)
    return ems * size


def wrap(content: str, width: float, size: float) -> list[str]:
    """Split a text into lines of whole words that fit."""
    lines: list[str] = []
    for word in content.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def text(content: str, at: Point, size: float, style: str = "") -> str:
    """One line of text, from the left end of its baseline; ``style`` lists classes."""
    classes = f' class="{style}"' if style else ""
    place = f'x="{_number(at[0])}" y="{_number(at[1])}"'
    return f'<text{classes} {place} font-size="{_number(size)}">{escape(content)}</text>'


def box(corner: Point, width: float, height: float, style: str, data: str = "") -> str:
    """A rectangle with rounded corners, from its upper left corner."""
    place = f'x="{_number(corner[0])}" y="{_number(corner[1])}"'
    size = f'width="{_number(width)}" height="{_number(height)}"'
    return f'<rect class="{style}"{data} {place} {size} rx="{_number(min(6, height / 4))}"/>'


def arrow(points: Sequence[Point], data: str = "") -> str:
    """A line that leaves each point downward and reaches the next from above."""
    path = f"M{_pair(points[0])}"
    for above, below in pairwise(points):
        middle = (above[1] + below[1]) / 2
        bends = (_pair((above[0], middle)), _pair((below[0], middle)), _pair(below))
        path += f"V{_number(below[1])}" if above[0] == below[0] else f"C{' '.join(bends)}"
    return f'<path class="arrow"{data} marker-end="url(#head)" d="{path}"/>'


def _pair(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    """A number rounded to tenths of a pixel."""
    return f"{round(value, 1):g}"
