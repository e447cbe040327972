"""The reliability diagram and the operating curve, of speakers that no weight was fitted on."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.confidence.answers import TITLES, Answers
from benchmarks.confidence.logistic import Floats, calibration_error, equal_parts
from benchmarks.confidence.rows import FOREIGN
from benchmarks.plots import INK, LINE, MARKS, SOFT, STYLE
from bot.dialog.decision import Stake, points, ways
from bot.evaluation.statistics import wilson
from bot.settings import Costs

Chosen = npt.NDArray[np.bool_]

BINS = 10
STAKES: dict[str, tuple[Stake, ...]] = {
    "number": ("number", "secret"),
    "sentence": ("number", "secret"),
    "command": ("choice",),
}
"""Groups whose points are marked on the curve."""
BELOW: dict[Stake, int] = {"number": 16, "secret": 16, "choice": 36}
LABELS: dict[Stake, str] = {"secret": "pin"}
"""Distance of a label below its point, clear of the curves, in points."""


def write_plots(
    folder: Path, stem: str, kinds: Mapping[str, Answers], asked: Mapping[str, int]
) -> None:
    """``STEM-reliability.svg`` and ``STEM-operating.svg``."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        for name, drawn in (
            ("reliability", _reliability(kinds)),
            ("operating", _operating(kinds, asked)),
        ):
            made = io.BytesIO()
            drawn.savefig(made, format="svg", metadata={"Date": None, "Creator": None})
            (folder / f"{stem}-{name}.svg").write_bytes(made.getvalue())


def _reliability(kinds: Mapping[str, Answers]) -> Figure:
    figure, every = _side_by_side(len(kinds))
    for axes, (name, one) in zip(every, kinds.items(), strict=True):
        axes.plot([0, 100], [0, 100], color=SOFT, linewidth=1, linestyle=(0, (4, 3)))
        for part in equal_parts(one.sure, one.weight, BINS):
            _dot(axes, one.sure[part], one.right[part], one.weight[part])
        error = calibration_error(one.sure, one.right, one.weight)
        axes.set_title(f"{TITLES[name]}: calibration error {error:.3f}", loc="left", fontsize=11)
        _frame(axes, "how sure it says it is, %", "how often it is right, %")
    figure.suptitle(
        "A probability can be taken at its word", x=0.012, ha="left", fontsize=12.5, weight="bold"
    )
    return figure


def _side_by_side(count: int) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(4.1 * max(1.3, count), 4.6), layout="constrained", facecolor="white")
    return figure, list(figure.subplots(1, count, squeeze=False)[0])


def _dot(axes: Axes, sure: Floats, right: Floats, weight: Floats) -> None:
    total = float(weight.sum())
    share, place = float((right * weight).sum()) / total, 100 * float((sure * weight).sum()) / total
    low, high = wilson(round(share * len(right)), len(right))
    color, mark = MARKS[0]
    axes.plot([place, place], [low, high], color=color, linewidth=1.6, alpha=0.6)
    axes.plot(place, 100 * share, mark, color=color, markersize=6, clip_on=False)


def _operating(kinds: Mapping[str, Answers], asked: Mapping[str, int]) -> Figure:
    """Right answers taken over wrong ones taken, with the points that the costs give."""
    figure, every = _side_by_side(len(kinds))
    for axes, (name, one) in zip(every, kinds.items(), strict=True):
        foreign = np.array([row.kind == FOREIGN for row in one.rows])
        answers = ~foreign
        curves = (
            ("misheard answers", answers & (one.right == 0), int(answers.sum())),
            ("speech of no grammar", foreign, asked[FOREIGN]),
        )
        right = one.right > 0
        steps = np.unique(np.concatenate([[0.0, 1.01], one.sure]))
        taken_right = [100 * float((one.sure[right] >= at).mean()) for at in steps]
        for (label, wrong, of), (color, mark) in zip(curves, MARKS, strict=False):
            taken = [100 * float((one.sure[wrong] >= at).sum()) / max(1, of) for at in steps]
            axes.plot(taken, taken_right, color=color, linewidth=1.8, label=label)
            for row, stake in enumerate(STAKES[name]):
                _mark(axes, (row, stake), one, (right, wrong, of), (color, mark))
        axes.set_title(TITLES[name], loc="left", fontsize=11)
        _frame(axes, "taken though wrong, % of what was asked", "taken of the right answers, %")
        axes.set_xlim(0, 12)
        axes.legend(frameon=False, loc="lower right", fontsize=9)
    figure.suptitle(
        "What each point takes, and what it takes wrongly",
        x=0.012,
        ha="left",
        fontsize=12.5,
        weight="bold",
    )
    return figure


def _mark(
    axes: Axes,
    labeled: tuple[int, Stake],
    one: Answers,
    counted: tuple[Chosen, Chosen, int],
    look: tuple[str, str],
) -> None:
    right, wrong, of = counted
    row, stake = labeled
    point = points(ways(Costs(), stake)).accept
    x = 100 * float((one.sure[wrong] >= point).sum()) / max(1, of)
    y = 100 * float((one.sure[right] >= point).mean())
    color, mark = look
    axes.plot(x, y, mark, color=color, markersize=7, clip_on=False)
    if look == MARKS[0]:
        label = f"{LABELS.get(stake, stake)}: {point:.2f}"
        below = BELOW[stake] + 6 * row
        axes.annotate(label, (x, y), (8, -below), textcoords="offset points", size=8.5)


def _frame(axes: Axes, across: str, up: str) -> None:
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    axes.set_xlabel(across)
    axes.set_ylabel(up, color=INK)
    axes.grid(color=LINE, linewidth=0.8)
    axes.tick_params(length=0)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_color(LINE)
