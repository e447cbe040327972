"""What the commands that work at every question mean to a dialog."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.dialog.state import DialogState
from bot.types import Match, Result, is_command

STARS = ("repeat", "slower", "help", "faster")
"""What star means when it is pressed once, twice, … at one question with nothing between: the
commands that callers can say, for those who only key."""


PACES: Mapping[str, Callable[[DialogState], int]] = {
    "slower": DialogState.slow_down,
    "louder": DialogState.slow_down,
    "faster": DialogState.normal_pace,
    "tty": DialogState.wait_long,
}
"""What changes how fast is spoken, and how long is waited."""

REPLAYED = frozenset({"repeat", "help", "wait", "representative"})
"""Further commands after which the question is asked again."""


def is_star(result: Result) -> bool:
    """Whether a key asked for the question again: there is one, star."""
    if not isinstance(result, Match) or not is_command(result.best.grammar):
        return False
    return result.best.mode == "dtmf" and result.best.value == STARS[0]
