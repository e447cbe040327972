"""Grammars written in a test: a head around some rules, and how they are loaded."""

from __future__ import annotations

from collections.abc import Callable

from bot.grammar import Grammar

Load = Callable[..., Grammar]
"""The fixture ``load``: one voice grammar, given by its rules or by its whole text."""

HEAD = (
    '<grammar xmlns="http://www.w3.org/2001/06/grammar" version="1.0" xml:lang="en-US"'
    ' mode="{mode}" root="r" tag-format="{tags}">'
)
KEYED_ONES = (
    "<rule id=\"r\"><tag>out = '';</tag><item repeat=\"1-\">1<tag>out += '1';</tag></item></rule>"
)


def text(body: str, mode: str = "voice", tags: str = "semantics/1.0") -> str:
    return HEAD.format(mode=mode, tags=tags) + body + "</grammar>"


def values(grammar: Grammar, utterance: str) -> tuple[str, ...]:
    return grammar.match(utterance.split()).values
