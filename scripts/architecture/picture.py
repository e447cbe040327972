"""The map as SVG: packages on floors, arrows between them, and the files that all of them use.

There are two widths: with a sentence in each box, and with names only, for small screens. Colors
follow the reader's light or dark theme.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scripts.architecture import svg
from scripts.architecture.code import Room, reduced
from scripts.architecture.floors import CORE, FLOORS
from scripts.architecture.layout import Edge, Layout, Sizes, lay_out

STYLE = """\
svg { --paper: #f6f5f2; --slab: #d3d4ce; --card: #fffefc; --ink: #1c232d; --soft: #55606e;
  --line: #b9bcb8; --arrow: #7a8594; --core: #e1f0ed; --core-line: #5fa79d;
  --engine: #fbe9d7; --engine-line: #d08a4b; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #11151a; --slab: #29313b; --card: #1d242c; --ink: #e7eaee; --soft: #a3adb9;
    --line: #4a5562; --arrow: #7e8a98; --core: #12302d; --core-line: #3f8a80;
    --engine: #3a2a1a; --engine-line: #a8713b; }
}
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial,
  sans-serif; fill: var(--soft); }
.name { fill: var(--ink); font-weight: 600; }
.middle { text-anchor: middle; }
.paper { fill: var(--paper); }
.slab { fill: var(--slab); }
.card { fill: var(--card); stroke: var(--line); }
.core { fill: var(--core); stroke: var(--core-line); }
.engine { fill: var(--engine); stroke: var(--engine-line); }
.arrow { fill: none; stroke: var(--arrow); stroke-width: 1.5; }
.head { fill: var(--arrow); }"""

PORT = 14.0
"""Distance between arrows on the same edge of a box, in pixels."""

ADAPTERS = "adapters"
"""The package that imports engines."""

LEGEND = (
    ("arrow", "imports; an arrow that follows from others is left out"),
    ("core", "core: no clock, no socket, no thread, no engine"),
    ("engine", "the only package that imports engines"),
    ("card", "everything else"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """Dimensions of one drawing in pixels; without ``sentences``, boxes have only names."""

    width: int
    margin: int
    sizes: Sizes
    name_px: float
    text_px: float
    pad: float
    """Distance between the edge of a box and its text."""
    between: float
    """Distance between floors: the height for arrows."""
    sentences: bool

    @property
    def line_px(self) -> float:
        """Line height of a sentence."""
        return round(self.text_px * 1.3, 1)

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * self.margin


WIDE = Look(900, 28, Sizes(844, 212, 20, 14), 15, 12, 10, 40, sentences=True)
NARROW = Look(390, 12, Sizes(366, 98, 10, 6), 12, 11.5, 9, 32, sentences=False)


@dataclass(frozen=True, slots=True)
class _Floor:
    names: tuple[str, ...]
    top: float
    height: float

    @property
    def bottom(self) -> float:
        return self.top + self.height


def draw(rooms: Mapping[str, Room], look: Look) -> str:
    """The whole map."""
    ground = _ground(rooms)
    rows = [row.split() for row in reversed(FLOORS)]
    above = [[name for name in row if name not in ground] for row in rows]
    below = [[name for name in row if name in ground] for row in rows]
    drawing = _Drawing(rooms, look)
    drawing.packages([row for row in above if row])
    drawing.files([row for row in below if row])
    drawing.legend()
    return drawing.text()


def _ground(rooms: Mapping[str, Room]) -> set[str]:
    """Single files that import no package: all may use them, so their arrows are omitted."""
    packages = {name for name, room in rooms.items() if room.is_package}
    return {name for name, room in rooms.items() if not {name, *room.imports} & packages}


class _Drawing:
    """A drawing that grows from top to bottom."""

    def __init__(self, rooms: Mapping[str, Room], look: Look) -> None:
        self._rooms = rooms
        self._look = look
        self._parts: list[str] = []
        self._y = float(look.margin)

    def text(self) -> str:
        """The SVG."""
        width, height = self._look.width, round(self._y + self._look.margin)
        opening = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">',
            '<title id="title">The packages of bot/ and which imports which</title>',
            f"<style>\n{STYLE}\n</style>",
            '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
            ' markerHeight="7" orient="auto"><path class="head" d="M0 0L8 4L0 8Z"/></marker>',
            f'<rect class="paper" width="{width}" height="{height}" rx="10"/>',
        )
        return "\n".join([*opening, *self._parts, "</svg>\n"])

    def packages(self, rows: Sequence[Sequence[str]]) -> None:
        """Floors of boxes with arrows between them."""
        look = self._look
        drawn = {name for row in rows for name in row}
        edges = [edge for edge in reduced(self._rooms) if set(edge) <= drawn]
        layout = lay_out(rows, edges, look.sizes)
        floors = [self._floor(row, look.sizes.box, look.between) for row in rows]
        self._parts += [_slab(floor, look) for floor in floors]
        self._parts += _arrows(layout, floors, look)
        for floor in floors:
            for name in floor.names:
                left = look.margin + layout.centers[name] - look.sizes.box / 2
                self._box(name, left, floor, look.sizes.box)

    def files(self, rows: Sequence[Sequence[str]]) -> None:
        """Floors of single files, without arrows, side by side over the full width."""
        look, gap = self._look, self._look.sizes.gap / 2
        self._caption("Files that import no package. Every floor above may import them.")
        for row in rows:
            width = (look.inner + gap) / len(row) - gap
            floor = self._floor(row, width, gap)
            for at, name in enumerate(row):
                self._box(name, look.margin + at * (width + gap), floor, width)
        self._y += look.text_px

    def legend(self) -> None:
        """The meaning of arrows and colors."""
        look, size = self._look, self._look.text_px
        for style, meaning in LEGEND:
            if style == "arrow":
                middle = look.margin + 0.7 * size
                sign = svg.arrow([(middle, self._y - 4), (middle, self._y + size)])
            else:
                sign = svg.box((look.margin, self._y), 1.4 * size, size, style)
            place = (look.margin + 2.2 * size, self._y + 0.86 * size)
            self._parts += [sign, svg.text(meaning, place, size)]
            self._y += 1.7 * size

    def _caption(self, content: str) -> None:
        for line in svg.wrap(content, self._look.inner, self._look.text_px):
            self._y += self._look.line_px
            self._parts.append(svg.text(line, (self._look.margin, self._y), self._look.text_px))
        self._y += self._look.text_px

    def _floor(self, names: Sequence[str], width: float, below: float) -> _Floor:
        """The next floor, as high as its tallest box, followed by a gap of ``below``."""
        most = max(len(self._lines(name, width)) for name in names)
        height = 2 * self._look.pad + self._look.name_px + most * self._look.line_px
        floor = _Floor(tuple(names), self._y, round(height, 1))
        self._y = round(floor.bottom + below, 1)
        return floor

    def _lines(self, name: str, width: float) -> list[str]:
        if not self._look.sentences:
            return []
        inner = width - 2 * self._look.pad
        return svg.wrap(self._rooms[name].sentence, inner, self._look.text_px)

    def _box(self, name: str, left: float, floor: _Floor, width: float) -> None:
        look, label = self._look, self._rooms[name].label
        style = "engine" if name == ADAPTERS else "core" if name in CORE else "card"
        data = f' data-name="{name}"'
        self._parts.append(svg.box((left, floor.top), width, floor.height, style, data))
        y = floor.top + look.pad + 0.82 * look.name_px
        if not look.sentences:
            center = (left + width / 2, y)
            self._parts.append(svg.text(label, center, look.name_px, "name middle"))
            return
        self._parts.append(svg.text(label, (left + look.pad, y), look.name_px, "name"))
        for line in self._lines(name, width):
            y += look.line_px
            self._parts.append(svg.text(line, (left + look.pad, y), look.text_px))


def _slab(floor: _Floor, look: Look) -> str:
    return svg.box((look.margin, floor.bottom - 1), look.inner, 2, "slab")


def _arrows(layout: Layout, floors: Sequence[_Floor], look: Look) -> list[str]:
    """Arrows from the lower edge of a box to the upper edge of another."""
    leaves = _ports({edge: (edge[0], route[1]) for edge, route in layout.routes.items()}, layout)
    comes = _ports({edge: (edge[1], route[-2]) for edge, route in layout.routes.items()}, layout)
    row_of = {name: at for at, floor in enumerate(floors) for name in floor.names}
    drawn = []
    for edge, route in layout.routes.items():
        first = row_of[edge[0]]
        points = [(leaves[edge], floors[first].bottom)]
        for floor, x in zip(floors[first + 1 :], route[1:-1], strict=False):
            points += [(x, floor.top), (x, floor.bottom)]
        points.append((comes[edge], floors[row_of[edge[1]]].top))
        data = f' data-from="{edge[0]}" data-to="{edge[1]}"'
        drawn.append(svg.arrow([(look.margin + x, y) for x, y in points], data))
    return drawn


def _ports(ends: Mapping[Edge, tuple[str, float]], layout: Layout) -> dict[Edge, float]:
    """Where arrows meet a box: side by side, in the order of their other ends."""
    at_box: dict[str, list[tuple[float, Edge]]] = defaultdict(list)
    for edge, (name, toward) in ends.items():
        at_box[name].append((toward, edge))
    return {
        edge: layout.centers[name] + PORT * (at - (len(met) - 1) / 2)
        for name, met in at_box.items()
        for at, (_, edge) in enumerate(sorted(met))
    }
