"""elms-ivr model: check an acoustic model directory, or compare two models."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.adapters.model_folder import SECOND, load_ensemble
from bot.adapters.vosk_model_check import (
    FILLERS,
    ModelShape,
    filler_phrases,
    inspect_model,
    problems,
)
from bot.commands.compare import compare
from bot.commands.model_contents import has_confidence, inner_problems
from bot.grammar import ActiveGrammars, Grammars
from bot.interfaces import Recognizer
from bot.resources import GRAMMARS

_A_FILLER = "_ah"
"""A filler that every model with fillers has (acoustic_model.export.fillers)."""

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Check and compare acoustic models."
)
app.command("compare")(compare)


@app.command("check")
def check(
    folder: Annotated[Path, typer.Argument(help="Vosk model directory.")],
    grammars: Annotated[Path, typer.Option(help="Folder of .grxml files.")] = GRAMMARS,
) -> None:
    """Check a model's files, load it, and list grammar words that it lacks."""
    folders = (folder, folder / SECOND) if (folder / SECOND).is_dir() else (folder,)
    for each in folders:
        _end_with(problems(each) or inner_problems(each))
    recognizer = load_ensemble(folder).first.recognizer
    _end_with(_filler_problems(folder, recognizer))
    for each in folders:
        typer.echo(f"{each}: {_described(inspect_model(each))}")
    if not has_confidence(folder):
        typer.echo("  no confidence.json: confidence was not fitted for this model")
    loaded = Grammars.load(grammars)
    lacking = {}
    for name in loaded.names:
        words = ActiveGrammars([loaded.get(name + ".grxml")]).words()
        lacking[name] = recognizer.missing(words)
        typer.echo(f"  {name}: {len(words) - len(lacking[name])} of {len(words)} words known")
    missing = sorted(set().union(*lacking.values()))
    if missing:
        listed = ", ".join(missing)
        typer.echo(f"elms-ivr: {folder}: lacks words of the grammars: {listed}", err=True)
        raise typer.Exit(1)


def _end_with(found: Sequence[str]) -> None:
    for problem in found:
        typer.echo(f"elms-ivr: {problem}", err=True)
    if found:
        raise typer.Exit(1)


def _filler_problems(folder: Path, recognizer: Recognizer) -> list[str]:
    """Missing filler phrases, or phrases of other words, which cannot reject anything."""
    phrases = filler_phrases(folder)
    if not phrases:
        if recognizer.missing([_A_FILLER]):
            return []
        return [
            f"{folder}: {FILLERS} is missing or empty; out-of-grammar speech cannot be rejected"
        ]
    lacking = recognizer.missing(word for phrase in phrases for word in phrase.split())
    listed = ", ".join(lacking)
    return [f"{folder}: {FILLERS} has words that the model lacks: {listed}"] if lacking else []


def _described(shape: ModelShape) -> str:
    ivectors = "with i-vectors" if shape.ivectors else "no i-vectors"
    return f"complete, {shape.rate} Hz, {ivectors}"
