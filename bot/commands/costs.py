"""elms-ivr costs: what happens to uncertain answers, given the costs in the settings."""

from __future__ import annotations

import typer

from bot.commands.settings_file import SettingsFile
from bot.dialog.decision import Points, Stake, points, ways
from bot.settings import Settings, load_settings

_QUESTIONS: tuple[tuple[Stake, str], ...] = (
    ("number", "license number"),
    ("passed", "yes to a number"),
    ("choice", "no, menu"),
    ("secret", "PIN"),
)


def costs(
    settings: SettingsFile = None,
) -> None:
    """Show the confidence at which answers are accepted, read back, or asked for again."""
    loaded = load_settings(settings)
    for stake, title in _QUESTIONS:
        for misses in range(loaded.attempts.field):
            line = _line(loaded, stake, misses)
            typer.echo(f"{title:16} try {misses + 1}: {line}")


def _line(settings: Settings, stake: Stake, misses: int) -> str:
    open_ways = ways(settings.costs, stake, misses, settings.attempts.field)
    below = "the keypad" if misses or stake == "secret" else "asked again"
    if misses + 1 == settings.attempts.field:
        below = "a person"
    return _words(points(open_ways), below)


def _words(found: Points, below: str) -> str:
    read_back = f", read back from {found.confirm:.2f}" if found.confirm < found.accept else ""
    return f"accepted from {found.accept:.2f}{read_back}, below: {below}"
