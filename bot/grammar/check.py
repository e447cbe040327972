"""Finds errors in well-formed grammars: examples that fail, and words that the model lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.grammar.grammars import Grammar, Grammars
from bot.grammar.library import SUFFIX

Missing = Callable[[Iterable[str]], tuple[str, ...]]
"""Returns the words that a model does not know: ``Recognizer.missing``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One grammar's report: ``faults`` are errors, ``missing`` is information."""

    grammar: Grammar
    faults: tuple[str, ...]
    missing: tuple[str, ...]


def check(grammars: Grammars, missing: Missing | None = None) -> Iterator[Finding]:
    """Check both modes of every grammar; yield one finding for each."""
    for name in grammars.names:
        pair = grammars.get(name + SUFFIX)
        lacking = missing(pair.voice.words()) if missing else ()
        yield Finding(pair.voice, tuple(_faults(pair.voice, lacking)), lacking)
        yield Finding(pair.dtmf, tuple(_faults(pair.dtmf, ())), ())


def _faults(grammar: Grammar, lacking: tuple[str, ...]) -> Iterator[str]:
    if not grammar.examples:
        yield f"{grammar.uri}: the root rule has no <example>"
    for example in grammar.examples:
        answer = grammar.match(example.split()).answer
        if not answer.complete:
            yield f"{grammar.uri}: example {example!r} does not match ({answer.name})"
    if lacking and not grammar.without(lacking).phrases():
        yield f"{grammar.uri}: the model cannot recognize any phrase of this grammar"
