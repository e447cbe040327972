"""Meanings, to a dialog, of the commands that work at every question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.dialog.state import DialogState
from bot.types import Match, Result, is_command

STARS = ("repeat", "slower", "help", "faster")
"""Commands for star pressed once, twice, … at one question with nothing in between: they give
callers who only key the commands that others can say.
"""


PACES: Mapping[str, Callable[[DialogState], int]] = {
    "slower": DialogState.slow_down,
    "louder": DialogState.slow_down,
    "faster": DialogState.normal_pace,
    "tty": DialogState.wait_long,
}
"""Commands that change the speaking rate and the waiting times."""

REPLAYED = frozenset({"repeat", "help", "wait", "representative"})
"""Other commands after which the question is asked again."""


def is_star(result: Result) -> bool:
    """Return True if a key asked for the question again; only star does."""
    if not isinstance(result, Match) or not is_command(result.best.grammar):
        return False
    return result.best.mode == "dtmf" and result.best.value == STARS[0]
