"""`elms-ivr listen`: a prompt for grammars that says what an entry means, or what is like it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from bot.commands.grammar_argument import Folder, complete_name, uri_of
from bot.commands.grammar_result import mode_of, values_of
from bot.grammar import ActiveGrammars, Answer, Grammars, Pair
from bot.grammar.nearest import nearest, unknown_words
from bot.lines.text import entries
from bot.resources import GRAMMARS
from bot.settings import load_settings
from bot.types import KEYS, Mode

_ANSWERS = {
    Answer.NO: "nothing",
    Answer.POTENTIAL: "the beginning of an entry",
    Answer.MATCH: "complete, and more may change it",
    Answer.MAX: "complete",
}
UNIVERSALS = "universals"


def listen(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Grammars that are active together, such as menu or 'digits?length=6';"
            " universals is active too.",
            autocompletion=complete_name,
        ),
    ] = None,
    folder: Folder = GRAMMARS,
) -> None:
    """Type what a caller might say or key, and see what it means to a grammar."""
    settings, grammars = load_settings(), Grammars.read(folder)
    wanted = list(dict.fromkeys([*(names or ["menu"]), UNIVERSALS]))
    if UNIVERSALS not in grammars.names:
        wanted.remove(UNIVERSALS)
    pairs = [grammars.get(uri_of(name, settings)) for name in wanted]
    typer.echo(f"listening with {', '.join(pair.voice.uri for pair in pairs)}; Ctrl-D ends")
    for typed in _lines():
        for entry in entries(typed):
            for line in meaning(pairs, entry, grammars):
                typer.echo(f"  {line}")


def meaning(pairs: Sequence[Pair], entry: str, grammars: Grammars | None = None) -> Iterator[str]:
    """Say what an entry means to these grammars, and what is like it if it means nothing.

    ``grammars`` adds the asides, which take back digits and are no commands.
    """
    mode, tokens = tokens_of(entry)
    heard = ActiveGrammars(pairs, asides=grammars.asides if grammars else None).match(mode, tokens)
    yield _ANSWERS[heard.answer]
    yield from values_of(heard)
    if heard.answer is Answer.NO and mode != "dtmf":
        yield from likeness(pairs, tokens)


def likeness(pairs: Sequence[Pair], tokens: Sequence[str]) -> Iterator[str]:
    """Say which words no grammar has, and which phrases are like the tokens."""
    lacking = [unknown_words(pair.voice, tokens) for pair in pairs]
    for token in tokens:
        if all(token in words for words in lacking):
            alike = dict.fromkeys(word for words in lacking for word in words[token])
            like = f"; like it: {', '.join(alike)}" if alike else ""
            yield f"no grammar here has the word {token!r}{like}"
    for pair in pairs:
        for phrase in nearest(pair.voice, tokens):
            value = next(iter(pair.voice.match(phrase.split()).values))
            yield f"near: {phrase!r} is {pair.voice.name} = {value}"


def tokens_of(entry: str) -> tuple[Mode, list[str]]:
    """The mode and tokens of a typed entry: keys alone, words, or keys among words."""
    if entry and set(entry) <= set(KEYS):
        return "dtmf", list(entry)
    tokens = entry.split()
    return mode_of(tokens), tokens


def _lines() -> Iterator[str]:
    while True:
        if sys.stdin.isatty():
            typer.echo("> ", nl=False)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line
