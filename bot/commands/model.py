"""elms-ivr model: what is wrong with an acoustic model directory; two models side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.adapters.vosk_model import ModelShape, problems
from bot.commands.compare import compare
from bot.grammar import ActiveGrammars, Grammars
from bot.settings import PROJECT

app = typer.Typer(no_args_is_help=True, help="Check and compare acoustic models.")
app.command("compare")(compare)


@app.command("check")
def check(
    folder: Annotated[Path, typer.Argument(help="Vosk model directory.")],
    grammars: Annotated[Path, typer.Option(help="Folder of .grxml files.")] = PROJECT / "grammars",
) -> None:
    """Check a model's files, load it, and list the words of the grammars that it lacks."""
    found = problems(folder)
    for problem in found:
        typer.echo(f"elms-ivr: {problem}", err=True)
    if found:
        raise typer.Exit(1)
    recognizer = VoskRecognizer(folder)
    typer.echo(f"{folder}: {_described(recognizer.shape)}")
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


def _described(shape: ModelShape) -> str:
    ivectors = "with i-vectors" if shape.ivectors else "no i-vectors"
    return f"complete, {shape.rate} Hz, {ivectors}"
