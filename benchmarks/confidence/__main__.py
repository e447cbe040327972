"""`python -m benchmarks.confidence`: fits the confidence of a model, and shows what it is worth.

Our turn hears recordings whose meaning is known (benchmarks.confidence.rows); the weights of
bot.hearing.confidence are fitted to whether it was right, over folds of speakers, and written
beside the model that the settings name. Every figure is of speakers that its weights were not
fitted on. What was heard is kept, until what hears it changes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from acoustic_model.artifacts import write_whole
from benchmarks.confidence.answers import Answers, report
from benchmarks.confidence.logistic import (
    Floats,
    Table,
    fit,
    folds_of,
    held_back,
    unseen,
)
from benchmarks.confidence.plots import write_plots
from benchmarks.confidence.rows import (
    FOREIGN,
    STRINGS,
    WORDS,
    HeardTwice,
    Row,
    read,
    rows,
    write,
)
from benchmarks.recognition.answers import hearing_version
from benchmarks.recognition.listener_ours import settings
from bot.adapters.model_folder import CONFIDENCE, SECOND, read_confidence
from bot.calls.tuning import FITTED
from bot.hearing.confidence import FEATURES, Logistic
from bot.resources import PROJECT
from bot.settings import Settings

SURE_ALONE = FITTED.confidence.sure_alone
RESCORED = ", rescored"
Weights = dict[str, Any]
"""As they lie beside a model (bot.hearing.confidence)."""


def offered(*, number: bool) -> tuple[str, ...]:
    """The features that weights may be given.

    ``root_other`` beside ``other`` would make an answer surer again where its rival is nearest. How
    fast a number is said tells nothing on speakers left out, and wasted attempts in whole calls
    (decision 71). That a line is noisy is not to speak for a command: more of those that are
    misheard would be believed (decision 73).
    """
    without = {"root_other", "fast"} if number else {"root_other", "snr"}
    return tuple(name for name in FEATURES if name not in without)


@dataclass(frozen=True, slots=True)
class Fitted:
    """One kind's weights, and the answers that they were fitted on."""

    weights: Logistic
    answers: Answers


def fitted(found: Sequence[Row], *, number: bool) -> Fitted:
    """The weights for numbers, or for commands."""
    chosen = [row for row in found if row.number == number]
    answers = Answers.of(chosen, np.zeros(len(chosen)), number=number)
    names = offered(number=number)
    table = Table(
        names=names,
        values=np.array([[row.values[name] for name in names] for row in chosen]),
        right=answers.right,
        weight=answers.weight,
        folds=folds_of([row.speaker for row in chosen]),
    )
    ridge, table = held_back(table)
    return Fitted(fit(table, ridge), replace(answers, sure=unseen(table, ridge)))


def settled(numbers: Answers) -> tuple[list[Row], Floats]:
    """Those for which no second model is asked, and their probabilities."""
    alone = numbers.sure >= SURE_ALONE
    kept = [row for row, enough in zip(numbers.rows, alone, strict=True) if enough]
    return kept, numbers.sure[alone]


def main(
    every: Annotated[int, typer.Option(help="Only each n-th recording.")] = 1,
    work: Annotated[Path, typer.Option(help="Where the acoustic model's corpora lie.")] = Path(
        ".cache/acoustic_model"
    ),
    commands: Annotated[
        bool, typer.Option(help="Fit commands alone; numbers stay as they are.")
    ] = False,
) -> None:
    """Listen, fit, write the weights beside the model, and draw."""
    kept = work / "judged" / f"confidence-{hearing_version()[:16]}-{every}.jsonl"
    if not kept.is_file():
        write(kept, *rows(every, work))
    heard, asked = read(kept)
    fit_again = of_commands if commands else of_everything
    weights, shown = fit_again(heard)
    for name, answers in shown.items():
        for line in report(answers, asked, (0.3, 0.35, 0.5, 0.7, 0.85, 0.95, SURE_ALONE)):
            typer.echo(f"{name}: {line}")
    write_whole(settings().model / CONFIDENCE, f"{json.dumps(weights, indent=1)}\n".encode())
    stem = "confidence-commands" if commands else "confidence"
    drawn = {name.removesuffix(RESCORED): answers for name, answers in shown.items()}
    write_plots(_images(), stem, drawn, asked)
    typer.echo(f"asked: {asked[STRINGS]} strings, {asked[WORDS]} words, {asked[FOREIGN]} foreign")


def _images() -> Path:
    """Where the plots go: into the project's pages only those of the model that it ships."""
    model = settings().model
    shipped = Path(Settings.model_fields["model"].default)
    return PROJECT / "docs" / "images" if model.resolve() == shipped.resolve() else model


def of_everything(heard: Sequence[HeardTwice]) -> tuple[Weights, dict[str, Answers]]:
    """All weights, and the answers that they were fitted on."""
    found = [each.alone for each in heard if each.alone]
    number, command = fitted(found, number=True), fitted(found, number=False)
    weights: Weights = {"number": _written(number), "command": _written(command)}
    shown = {"number": number.answers, "command": command.answers}
    if (settings().model / SECOND).is_dir():
        sure_rows, sure = settled(number.answers)
        doubted = in_doubt(heard, sure_rows)
        number, command = fitted(doubted, number=True), fitted(doubted, number=False)
        weights["both"] = {"number": _written(number), "command": _written(command)}
        sure = np.concatenate([sure, number.answers.sure])
        shown["number"] = Answers.of([*sure_rows, *number.answers.rows], sure, number=True)
        shown["command"] = command.answers
        if any(each.rescored for each in heard):
            doubted = in_doubt(heard, sure_rows, rescored=True)
            number, command = fitted(doubted, number=True), fitted(doubted, number=False)
            weights["rescored"] = {"number": _written(number), "command": _written(command)}
            sure = np.concatenate([sure[: len(sure_rows)], number.answers.sure])
            rows_of_all = [*sure_rows, *number.answers.rows]
            shown[f"number{RESCORED}"] = Answers.of(rows_of_all, sure, number=True)
            shown[f"command{RESCORED}"] = command.answers
    return weights, shown


def of_commands(heard: Sequence[HeardTwice]) -> tuple[Weights, dict[str, Answers]]:
    """Those of commands that all heard; the others are as they lie beside the model."""
    before = read_confidence(settings().model)
    if before.both is None:
        raise typer.BadParameter("no second model was weighed yet; fit everything first")
    numbers = [each.alone for each in heard if each.alone and each.alone.number]
    sure = np.array([before.number.probability(row.values) for row in numbers])
    sure_rows, _ = settled(Answers.of(numbers, sure, number=True))
    command = fitted(in_doubt(heard, sure_rows), number=False)
    weights: Weights = json.loads((settings().model / CONFIDENCE).read_text(encoding="utf-8"))
    weights["both"]["command"] = _written(command)
    return weights, {"command": command.answers}


def in_doubt(
    heard: Sequence[HeardTwice], sure: Sequence[Row], *, rescored: bool = False
) -> list[Row]:
    """What both, or first and rescorer, made of all that the first alone was not sure of."""
    enough = {row.heard for row in sure}
    found = (each.rescored if rescored else each.both for each in heard)
    return [row for row in found if row and row.heard not in enough]


def _written(one: Fitted) -> Weights:
    weights = {key: round(value, 4) for key, value in one.weights.weights.items()}
    return {"bias": round(one.weights.bias, 4), "weights": weights}


if __name__ == "__main__":
    typer.run(main)
