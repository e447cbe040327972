"""elms-ivr grammar: check the grammar files, parse an utterance, draw random utterances."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Annotated

import typer

from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.commands.grammar_argument import Folder, complete_name, uri_of
from bot.commands.grammar_result import mode_of, values_of
from bot.errors import GrammarError
from bot.grammar import ActiveGrammars, Grammars, Pair
from bot.grammar.check import Finding, check
from bot.resources import GRAMMARS
from bot.settings import load_settings
from bot.types import Mode

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Check, parse, and sample the grammars."
)

Name = Annotated[
    str,
    typer.Argument(
        help="Grammar, such as menu or 'digits?length=6'.", autocompletion=complete_name
    ),
]


@app.command("check")
def check_command(
    folder: Folder = GRAMMARS,
    model: Annotated[
        Path | None, typer.Option(help="Vosk model directory (default: from the settings).")
    ] = None,
) -> None:
    """Read all grammars, check their examples, and list words that the model lacks."""
    missing = VoskRecognizer(model or load_settings().model).missing
    findings = list(check(Grammars.load(folder), missing))
    for finding in findings:
        typer.echo(_line(finding))
    faults = [fault for finding in findings for fault in finding.faults]
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(1)


@app.command("parse")
def parse_command(
    name: Name,
    words: Annotated[list[str] | None, typer.Argument(help="Words to parse.")] = None,
    keys: Annotated[str | None, typer.Option(help="Keys to parse, such as 4219.")] = None,
    beside: Annotated[
        list[str] | None, typer.Option("--with", help="Another grammar active at the same time.")
    ] = None,
    folder: Folder = GRAMMARS,
) -> None:
    """Show the match result (NO, POTENTIAL, MATCH, MAX) and the meaning of the utterance."""
    mode, tokens = _tokens(words or [], keys)
    grammars = Grammars.read(folder)
    pairs = [_get(grammars, each) for each in (name, *(beside or []))]
    heard = ActiveGrammars(pairs).match(mode, tokens)
    typer.echo(heard.answer.name)
    for line in values_of(heard):
        typer.echo(f"  {line}")


@app.command("sample")
def sample_command(
    name: Name,
    count: Annotated[int, typer.Option("-n", "--count", min=1, max=10_000)] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same utterances.")] = 0,
    keyed: Annotated[bool, typer.Option("--keys", help="Keys instead of words.")] = False,
    folder: Folder = GRAMMARS,
) -> None:
    """Print random utterances that the grammar accepts."""
    pair = _get(Grammars.read(folder), name)
    random = Random(seed)
    for _ in range(count):
        typer.echo((pair.dtmf if keyed else pair.voice).sample(random))


def _get(grammars: Grammars, name: str) -> Pair:
    return grammars.get(uri_of(name, load_settings()))


def _tokens(words: list[str], keys: str | None) -> tuple[Mode, list[str]]:
    tokens = " ".join(words).split()
    if keys is not None and tokens:
        raise GrammarError("give either words or --keys; mix keys into speech as words: four 2 1")
    if keys is not None:
        return "dtmf", list(keys.replace(" ", ""))
    return mode_of(tokens), tokens


def _line(finding: Finding) -> str:
    grammar = finding.grammar
    line = f"{grammar.uri}: {len(grammar.examples)} examples, {len(grammar.words())} tokens"
    if grammar.mode == "voice":
        usable = grammar.without(finding.missing)
        line += f", {len(usable.phrases())} phrases"
    if finding.missing:
        line += f"; words that the model lacks: {', '.join(finding.missing)}"
    return line
