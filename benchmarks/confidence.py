"""`python -m benchmarks.confidence`: fits the confidence of a model, and shows what it is worth.

Our turn hears recordings whose meaning is known (benchmarks.confidence_rows); the weights of
bot.confidence are fitted to whether it was right, over folds of speakers, and written beside the
model. Every figure is of speakers that its weights were not fitted on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.confidence_plots import write_plots
from benchmarks.confidence_rows import FOREIGN, STRINGS, WORDS, Row, read, rows, write
from benchmarks.listener_turn import settings
from benchmarks.logistic import (
    Floats,
    Table,
    calibration_error,
    fit,
    fold_of,
    probabilities,
    telling,
    unseen,
)
from bot.confidence import FEATURES, FILE, UNFITTED, Logistic
from bot.settings import PROJECT

RIDGE = 3.0
FOREIGN_SHARE = {True: 0.05, False: 0.20}
"""How much of what is taken for a number (or a command) callers say that is none: assumed, since
no call was recorded. Speech of no grammar weighs so much in the fit and in the figures."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """One kind's weights, and its rows with the probabilities of speakers left out."""

    weights: Logistic
    table: Table
    rows: tuple[Row, ...]
    sure: Floats
    before: Floats
    """By the weights that are not fitted."""


def fitted(found: list[Row], *, number: bool) -> Fitted:
    """The weights for numbers, or for commands."""
    chosen = tuple(row for row in found if row.number == number)
    table = Table(
        names=FEATURES,
        values=np.array([[row.values[name] for name in FEATURES] for row in chosen]),
        right=np.array([float(row.right) for row in chosen]),
        weight=_weights(chosen, FOREIGN_SHARE[number]),
        fold=np.array([fold_of(row.speaker) for row in chosen]),
    )
    before = probabilities(UNFITTED.number if number else UNFITTED.command, table)
    table = telling(table, RIDGE)
    return Fitted(fit(table, RIDGE), table, chosen, unseen(table, RIDGE), before)


def report(one: Fitted, asked: dict[str, int], points: tuple[float, ...]) -> list[str]:
    """Calibration, and what is taken at each point."""
    table = one.table
    error = calibration_error(one.sure, table.right, table.weight)
    before = calibration_error(one.before, table.right, table.weight)
    lines = [f"{len(one.rows)} answers; calibration error {error:.3f}, unfitted {before:.3f}"]
    for point in points:
        taken = one.sure >= point
        right = taken & (table.right > 0)
        foreign = taken & np.array([row.kind == FOREIGN for row in one.rows])
        wrong = taken & (table.right == 0) & ~foreign
        lines.append(
            f"at {point:.2f}: of {int(table.right.sum())} right answers {int(right.sum())} taken, "
            f"{int(wrong.sum())} misheard, {int(foreign.sum())} of {asked[FOREIGN]} foreign"
        )
    return lines


def _weights(chosen: tuple[Row, ...], foreign_share: float) -> Floats:
    """1 for an answer; foreign speech together as much as its share of all."""
    foreign = np.array([row.kind == FOREIGN for row in chosen])
    answers, others = float((~foreign).sum()), float(foreign.sum())
    each = foreign_share / (1 - foreign_share) * answers / max(1.0, others)
    found: Floats = np.where(foreign, each, 1.0)
    return found


def main(
    every: Annotated[int, typer.Option(help="Only each n-th recording.")] = 1,
    work: Annotated[Path, typer.Option(help="Where the acoustic model's corpora lie.")] = Path(
        ".cache/acoustic_model"
    ),
    again: Annotated[bool, typer.Option(help="Listen again, though rows are kept.")] = False,
) -> None:
    """Listen, fit, write the weights beside the model, and draw."""
    kept = work / "judged" / "confidence.jsonl"
    if again or not kept.is_file():
        write(kept, *rows(every, work))
    found, asked = read(kept)
    kinds = {name: fitted(found, number=name == "number") for name in ("number", "command")}
    for name, one in kinds.items():
        for line in report(one, asked, (0.3, 0.5, 0.7, 0.85, 0.95)):
            typer.echo(f"{name}: {line}")
    weights = {
        name: {
            "bias": round(one.weights.bias, 4),
            "weights": {key: round(value, 4) for key, value in one.weights.weights.items()},
        }
        for name, one in kinds.items()
    }
    (settings().model / FILE).write_text(json.dumps(weights, indent=1) + "\n", encoding="utf-8")
    write_plots(PROJECT / "docs" / "images", kinds, asked)
    typer.echo(f"asked: {asked[STRINGS]} strings, {asked[WORDS]} words, {asked[FOREIGN]} foreign")


if __name__ == "__main__":
    typer.run(main)
