"""Shared by the grammar commands: the mode of typed input, and a match as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.grammar import Heard
from bot.types import KEYS, Mode


def mode_of(tokens: Sequence[str]) -> Mode:
    """The mode of words, some of which may be keys."""
    return "mixed" if any(token in KEYS for token in tokens) else "voice"


def values_of(heard: Heard) -> Iterator[str]:
    """A line for each value, and for each beginning of one."""
    for grammar, value in heard.values:
        yield f"{grammar} = {value}"
    for value in heard.partial:
        yield f"so far = {value}"
