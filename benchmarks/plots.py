"""Dot plots with 95 % intervals, readable without the text and without color vision."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bot.evaluation.statistics import Share

mpl.use("Agg")

INK, SOFT, LINE, BAND = "#1c232d", "#55606e", "#dcdcd6", "#f5f5f2"
MARKS = (("#00588f", "o"), ("#b34700", "^"), ("#555555", "s"))
"""Colors of Okabe and Ito, darkened to 4.5:1 on white; the shapes differ too."""

WIDTH_IN, ROW_IN = 8.2, 0.24
STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "svg.hashsalt": "elms-ivr",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a plot: a name, and the share of each series, None if not measured."""

    name: str
    shares: tuple[Share | None, ...]
    head: bool = False
    """True if it is only the heading of a group."""


@dataclass(frozen=True, slots=True)
class Plot:
    """Content of a plot; ``title`` is a sentence, ``axis`` names the unit."""

    title: str
    axis: str
    series: tuple[str, ...]
    rows: tuple[Row, ...]
    goal: float | None = None
    """Target share in percent, drawn as a line."""
    least: float = 0.0
    most: float = 100.0


def draw(plot: Plot) -> bytes:
    """The plot as SVG; the same figures give the same bytes."""
    with mpl.rc_context(STYLE):
        figure = _drawn(plot)
        made = io.BytesIO()
        figure.savefig(made, format="svg", metadata={"Date": None, "Creator": None})
    return made.getvalue()


def write(folder: Path, plots: Mapping[str, Plot]) -> None:
    """Write each plot as NAME.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, plot in plots.items():
        (folder / f"{name}.svg").write_bytes(draw(plot))


def _drawn(plot: Plot) -> Figure:
    per_row = max(1.0, 0.62 * len(plot.series) + 0.38)
    height_in = 1.25 + ROW_IN * per_row * len(plot.rows)
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    for at, row in enumerate(plot.rows):
        if at % 2 == 0:
            axes.axhspan(at - 0.5, at + 0.5, color=BAND, zorder=0, linewidth=0)
        _draw_row(axes, plot, at, row)
    _draw_frame(axes, plot)
    _draw_legend(figure, plot.series)
    figure.suptitle(plot.title, x=0.012, ha="left", fontsize=12.5, fontweight="bold")
    return figure


def _draw_row(axes: Axes, plot: Plot, at: int, row: Row) -> None:
    count = len(plot.series)
    for index, share in enumerate(row.shares):
        if share is None:
            continue
        color, mark = MARKS[index]
        place = at + (index - (count - 1) / 2) * (0.72 / max(1, count))
        low, high = share.interval
        axes.plot([low, high], [place, place], color=color, linewidth=1.6, alpha=0.75, zorder=2)
        axes.plot(share.percent, place, mark, color=color, markersize=6, zorder=3, clip_on=False)
    if len(plot.series) == 1 and row.shares and row.shares[0] is not None:
        label = f"{row.shares[0].percent:.1f} % of {row.shares[0].of}"
        right = plot.most + 0.02 * (plot.most - plot.least)
        axes.text(right, at, label, va="center", fontsize=8.5, color=SOFT)


def _draw_frame(axes: Axes, plot: Plot) -> None:
    axes.set_xlim(plot.least, plot.most)
    axes.set_ylim(len(plot.rows) - 0.5, -0.5)
    axes.set_yticks(range(len(plot.rows)), [row.name for row in plot.rows])
    for tick, row in zip(axes.get_yticklabels(), plot.rows, strict=True):
        tick.set_fontweight("bold" if row.head else "normal")
    axes.set_xlabel(plot.axis)
    axes.grid(axis="x", color=LINE, linewidth=0.8, zorder=0)
    axes.tick_params(length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    if plot.goal is not None:
        axes.axvline(plot.goal, color=SOFT, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        where = "left" if plot.goal < (plot.least + plot.most) / 2 else "right"
        text = f" goal {plot.goal:g} % "
        axes.text(plot.goal, -0.52, text, ha=where, va="bottom", fontsize=8.5, color=SOFT)


def _draw_legend(figure: Figure, series: Sequence[str]) -> None:
    if len(series) < 2:
        return
    handles = [
        Line2D([], [], color=color, marker=mark, linewidth=1.6, label=name)
        for (color, mark), name in zip(MARKS, series, strict=False)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(series), frameon=False)
