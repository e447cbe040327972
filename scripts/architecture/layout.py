"""Positions of boxes and routes of arrows in a layered drawing.

Sugiyama's method: an arrow across several rows gets its own lane in each row between, rows are
ordered so that few arrows cross, and boxes and lanes move toward what they are connected to.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

Edge = tuple[str, str]
Rows = list[list[str]]

_STARTS, _SWEEPS, _ROUNDS = 60, 12, 100
_STRAIGHT_PX = 0.5


@dataclass(frozen=True, slots=True)
class Sizes:
    """Widths in pixels: of the drawing, a box, an arrow's lane, and the gaps."""

    width: float
    box: float
    lane: float
    gap: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Horizontal centers of each box, and of each arrow in every row from start to end."""

    centers: Mapping[str, float]
    routes: Mapping[Edge, tuple[float, ...]]


def lay_out(rows: Sequence[Sequence[str]], edges: Sequence[Edge], sizes: Sizes) -> Layout:
    """Place boxes in rows, top row first; every edge leads downward. Deterministic."""
    graph = _Graph(rows, edges, sizes)
    chance = random.Random(0)
    tried = [_order(graph, chance) for _ in range(_STARTS)]
    fewest = min(graph.crossings(order) for order in tried)
    best = [order for order in tried if graph.crossings(order) == fewest]
    placed = min((_place(graph, order) for order in best), key=graph.detour)
    return Layout(
        centers={name: placed[name] for row in rows for name in row},
        routes={
            edge: tuple(placed[node] for node in [edge[0], *lanes, edge[1]])
            for edge, lanes in graph.lanes.items()
        },
    )


class _Graph:
    """Boxes and lanes in rows, with links between neighboring rows only."""

    def __init__(self, rows: Sequence[Sequence[str]], edges: Sequence[Edge], sizes: Sizes) -> None:
        self.sizes = sizes
        self.rows: Rows = [list(row) for row in rows]
        self.boxes = {name for row in rows for name in row}
        row_of = {name: at for at, row in enumerate(rows) for name in row}
        self.lanes: dict[Edge, list[str]] = {}
        self.links: list[list[Edge]] = [[] for _ in rows]
        self.up: dict[str, list[str]] = defaultdict(list)
        self.down: dict[str, list[str]] = defaultdict(list)
        for upper, lower in edges:
            between = range(row_of[upper] + 1, row_of[lower])
            lanes = [f"{upper} to {lower} in {at}" for at in between]
            for at, lane in zip(between, lanes, strict=True):
                self.rows[at].append(lane)
            self.lanes[upper, lower] = lanes
            for at, (above, below) in enumerate(pairwise([upper, *lanes, lower]), row_of[upper]):
                self.links[at].append((above, below))
                self.down[above].append(below)
                self.up[below].append(above)

    def crossings(self, order: Rows) -> int:
        """Number of pairs of links that cross."""
        place = {node: at for row in order for at, node in enumerate(row)}
        return sum(
            (place[a] - place[c]) * (place[b] - place[d]) < 0
            for links in self.links
            for (a, b), (c, d) in combinations(links, 2)
        )

    def detour(self, placed: Mapping[str, float]) -> float:
        """Total horizontal distance of all links."""
        return sum(abs(placed[a] - placed[b]) for links in self.links for a, b in links)

    def distance(self, left: str, right: str) -> float:
        """Minimum distance between the centers of two neighbors in a row."""
        gap = self.sizes.gap if self.boxes & {left, right} else 0
        return (self.width(left) + self.width(right)) / 2 + gap

    def neighbors(self, node: str) -> list[str]:
        """The nodes linked to a node, above and below."""
        return [*self.up.get(node, ()), *self.down.get(node, ())]

    def pull(self, one: str, other: str) -> float:
        """Weight of a link's straightness: highest within a long arrow."""
        return (1.0, 2.0, 8.0)[2 - len({one, other} & self.boxes)]

    def width(self, node: str) -> float:
        """Width of a box or a lane."""
        return self.sizes.box if node in self.boxes else self.sizes.lane


def _order(graph: _Graph, chance: random.Random) -> Rows:
    """Sweep down and up from a random order, sorting each row by the mean place of neighbors."""
    order = [sorted(row, key=lambda _: chance.random()) for row in graph.rows]
    best = order
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        neighbors = graph.up if down else graph.down
        order = list(order)
        for at in range(len(order)) if down else reversed(range(len(order))):
            place = {node: (k + 0.5) / len(row) for row in order for k, node in enumerate(row)}
            order[at] = sorted(order[at], key=lambda node: _mean(node, neighbors, place))
        if graph.crossings(order) < graph.crossings(best):
            best = order
    return best


def _mean(node: str, neighbors: Mapping[str, Sequence[str]], place: Mapping[str, float]) -> float:
    near = neighbors.get(node, ())
    return sum(place[one] for one in near) / len(near) if near else place[node]


def _place(graph: _Graph, order: Rows) -> dict[str, float]:
    """Repeatedly move each row toward its neighbors, without changing its order."""
    center = graph.sizes.width / 2
    placed = {node: center for row in order for node in row}
    for _ in range(_ROUNDS):
        for row in [*order, *reversed(order)]:
            placed |= zip(row, _spread(graph, row, placed), strict=True)
    return placed


def _spread(graph: _Graph, row: Sequence[str], placed: Mapping[str, float]) -> list[float]:
    """Places as close as possible to the neighbors (least squares) that keep minimum distances."""
    offsets = [0.0]
    for left, right in pairwise(row):
        offsets.append(offsets[-1] + graph.distance(left, right))
    blocks: list[tuple[float, float, int]] = []
    for node, offset in zip(row, offsets, strict=True):
        pulls = {
            one: graph.pull(node, one) / max(_STRAIGHT_PX, abs(placed[node] - placed[one]))
            for one in graph.neighbors(node)
        } or {node: 1.0}
        weight = sum(pulls.values())
        mean = sum(pull * placed[one] for one, pull in pulls.items()) / weight - offset
        count = 1
        while blocks and blocks[-1][0] > mean:
            before, heavy, many = blocks.pop()
            mean = (mean * weight + before * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + many
        blocks.append((mean, weight, count))
    least = graph.width(row[0]) / 2
    most = graph.sizes.width - graph.width(row[-1]) / 2 - offsets[-1]
    flat = [min(max(mean, least), most) for mean, _, count in blocks for _ in range(count)]
    return [round(start + offset, 1) for start, offset in zip(flat, offsets, strict=True)]
