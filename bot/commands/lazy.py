"""The list of commands, each imported when it is asked for: `say` starts in a third of the time."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

NAMES = (
    "demo",
    "serve",
    "mic",
    "text",
    "listen",
    "replay",
    "recognize",
    "tones",
    "say",
    "prompts",
    "settings",
    "costs",
    "tuning",
    "grammar",
    "model",
)
"""As they are listed. Each is a module of this package, with a function of that name or, for
commands of commands, an ``app``."""


class LazyCommands(TyperGroup):
    """A group whose commands are imported one by one."""

    def __init__(self, *args: Any, **known: Any) -> None:
        super().__init__(*args, **known)
        self.commands = dict.fromkeys(NAMES, self)  # names alone: for "Did you mean …?"

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of the help page."""
        return list(NAMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command; None if there is none of this name."""
        if cmd_name not in NAMES:
            return None
        module = import_module(f"bot.commands.{cmd_name}")
        found = getattr(module, "app", None)
        if found is None:
            found = typer.Typer(add_completion=False)
            found.command(cmd_name)(getattr(module, cmd_name))
        command = get_command(found)
        command.name = cmd_name
        return command
