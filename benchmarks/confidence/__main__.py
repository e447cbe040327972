"""`python -m benchmarks.confidence`: fits the confidence of a model, and shows what it is worth.

Our turn hears recordings whose meaning is known (benchmarks.confidence.rows); the weights of
bot.hearing.confidence are fitted to whether it was right, over folds of speakers: those of numbers,
of numbers in sentences, and of commands, each on its own answers. They are written beside the model
that the settings name. Every figure is of speakers without whom its weights and their features were
chosen. What was heard is kept, until what hears it or what is played changes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from acoustic_model.artifacts import write_whole
from benchmarks import results
from benchmarks.confidence.answers import TITLES, Answers, report
from benchmarks.confidence.figures import POINTS, Believed
from benchmarks.confidence.logistic import (
    Table,
    fit,
    folds_of,
    held_back,
    nested,
)
from benchmarks.confidence.plots import write_plots
from benchmarks.confidence.rows import (
    FOREIGN,
    STRINGS,
    WEIGHED,
    WORDS,
    HeardTwice,
    Row,
    Weighed,
    read,
    rows,
    write,
)
from benchmarks.recognition.answers import hash_of, hearing_version
from benchmarks.recognition.listener_ours import settings
from bot.adapters.model_folder import CONFIDENCE, SECOND, read_confidence
from bot.adapters.rescorer_engines import load_rescorer
from bot.hearing.confidence import FEATURES, Logistic
from bot.resources import PROJECT
from bot.settings import Settings

BESIDE = ("both", "rescored")
"""Names of the weights of what hears beside the first model: a second one, or a rescorer."""
FEWEST = 60
"""Fewer numbers in sentences are not fitted; what weights they have beside the model stay there."""
PLAYED = ("confidence/rows.py", "recognition/judged.py", "recognition/phrases.py")
"""What decides which recordings are played, and what is kept of each."""
Weights = dict[str, Any]
"""As they lie beside a model (bot.hearing.confidence)."""


def offered(weighed: Weighed) -> tuple[str, ...]:
    """The features that weights may be given.

    ``root_other`` beside ``other`` would make an answer surer again where its rival is nearest. How
    fast a number is said tells nothing on speakers left out, and wasted attempts in whole calls
    (decision 71). That a line is noisy is not to speak for a command: more of those that are
    misheard would be believed (decision 73). Whether a call has the spotter listen to a number
    depends on the weights of numbers alone, so that those of sentences must do without it.
    """
    without = {"root_other", "snr"} if weighed == "command" else {"root_other", "fast"}
    if weighed == "sentence":
        without |= {"spotted_least", "spotted_most"}
    return tuple(name for name in FEATURES if name not in without)


@dataclass(frozen=True, slots=True)
class Fitted:
    """One kind's weights, and the answers that they were fitted on."""

    weights: Logistic
    answers: Answers


def fitted(found: Sequence[Row], weighed: Weighed, *, judge: bool = True) -> Fitted:
    """One kind's weights; ``judge`` has answers weighed without their speakers, which takes most of
    the time."""
    given = [row for row in found if row.weighed == weighed]
    answers = Answers.of(given, np.zeros(len(given)), weighed)
    names = offered(weighed)
    table = Table(
        names=names,
        values=np.array([[row.values[name] for name in names] for row in given]),
        right=answers.right,
        weight=answers.weight,
        folds=folds_of([row.speaker for row in given]),
    )
    ridge, chosen = held_back(table)
    sure = nested(table) if judge else answers.sure
    return Fitted(fit(chosen, ridge), replace(answers, sure=sure))


def main(
    every: Annotated[int, typer.Option(help="Use only every n-th recording.")] = 1,
    work: Annotated[Path, typer.Option(help="Folder with the acoustic model's corpora.")] = Path(
        ".cache/acoustic_model"
    ),
    commands: Annotated[
        bool,
        typer.Option(help="Fit only commands; leave numbers, alone and in sentences, unchanged."),
    ] = False,
    keep: Annotated[bool, typer.Option(help="Write the weights beside the model.")] = True,
    out: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
) -> None:
    """Listen, fit, draw, and write the weights beside the model."""
    beside = who_is_beside()
    version = hash_of([PROJECT / "benchmarks" / name for name in PLAYED], hearing_version())
    kept = work / "judged" / f"confidence-{version[:16]}-{beside}-{every}.jsonl"
    if not kept.is_file():
        write(kept, *rows(every, work))
    heard, asked = read(kept)
    fit_again = of_commands if commands else of_everything
    weights, shown = fit_again(heard, beside)
    found = Believed.of(shown, asked, every=every, beside=beside)
    for name, answers in shown.items():
        for line in report(answers, asked, POINTS):
            typer.echo(f"{TITLES[name]}: {line}")
    typer.echo(f"asked: {asked[STRINGS]} strings, {asked[WORDS]} words, {asked[FOREIGN]} foreign")
    if out is not None:
        results.store("confidence", found.as_json(), out)
    stem = "confidence-commands" if commands else "confidence"
    write_plots(_images(), stem, shown, asked)
    if not keep:
        return
    file = settings().model / CONFIDENCE
    before = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    write_whole(file, f"{json.dumps(merged(before, weights), indent=1)}\n".encode())


def _images() -> Path:
    """Return the folder for the plots: the project's pages only for the model that it ships."""
    model = settings().model
    shipped = Path(Settings.model_fields["model"].default)
    return PROJECT / "docs" / "images" if model.resolve() == shipped.resolve() else model


def of_everything(heard: Sequence[HeardTwice], beside: str) -> tuple[Weights, dict[str, Answers]]:
    """Weights of the first model alone and of what hears beside it, and the answers that they were
    fitted on."""
    fits = of_each([each.alone for each in heard if each.alone], judge=not beside)
    weights: Weights = {name: _written(one) for name, one in fits.items()}
    if beside:
        fits = of_each(heard_by_all(heard), judge=True)
        weights[beside] = {name: _written(one) for name, one in fits.items()}
    return weights, {name: one.answers for name, one in fits.items()}


def of_each(found: Sequence[Row], *, judge: bool) -> dict[Weighed, Fitted]:
    """Every kind's weights; none of numbers in sentences where those are too few."""
    many = Counter(row.weighed for row in found)
    kinds = [one for one in WEIGHED if one != "sentence" or many[one] >= FEWEST]
    return {one: fitted(found, one, judge=judge) for one in kinds}


def of_commands(heard: Sequence[HeardTwice], beside: str) -> tuple[Weights, dict[str, Answers]]:
    """Those of commands that all heard; the others are as they lie beside the model."""
    before = read_confidence(settings().model)
    if not beside or getattr(before, beside) is None:
        raise typer.BadParameter("only the first model has weights yet; fit everything first")
    command = fitted(heard_by_all(heard), "command")
    return {beside: {"command": _written(command)}}, {"command": command.answers}


def who_is_beside() -> str:
    """The name of the weights of what hears beside the first model; "" where nothing does."""
    folder, found = settings().model, settings().rescoring
    if load_rescorer(found) is not None:
        return "rescored"
    return "both" if (folder / SECOND).is_dir() else ""


def merged(before: Weights, new: Weights) -> Weights:
    """The weights in the file, with those that were fitted now."""
    return before | {
        name: merged(before.get(name, {}), part) if name in BESIDE else part
        for name, part in new.items()
    }


def heard_by_all(heard: Sequence[HeardTwice]) -> list[Row]:
    """Return the results of the first model and the other listeners for all recordings."""
    return [each.beside for each in heard if each.beside]


def _written(one: Fitted) -> Weights:
    weights = {key: round(value, 4) for key, value in one.weights.weights.items()}
    return {"bias": round(one.weights.bias, 4), "weights": weights}


if __name__ == "__main__":
    typer.run(main)
