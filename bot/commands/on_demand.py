"""Commands that are imported when they run.

So ``--version``, ``--help``, and light commands load no engine and no web framework.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS: Mapping[str, str] = {
    "demo": "Play two recorded calls, and write the audio, record, and page of each to out/.",
    "serve": "Answer calls from a PBX; prints its address on one line. See docs/telephony.md.",
    "mic": (
        "Talk to ELMS through the microphone; digits on the keyboard are the keypad, q hangs up."
    ),
    "text": "Talk to ELMS in the terminal: digits are keyed, words are said.",
    "listen": "Type what a caller might say or key, and see what it means to a grammar.",
    "replay": "Replay recorded callers in audio time, and check the expectations of their scripts.",
    "recognize": "Recognize recordings: match, nomatch, or noinput, one line per file.",
    "tones": "Find the keys pressed in recordings, one line per file.",
    "say": "Say a prompt: `elms-ivr say license_number.confirm number=421903 --out confirm.wav`.",
    "prompts": (
        "List all prompts as callers hear them, and all rule violations; fails if there are any."
    ),
    "settings": (
        "List every setting with its value, unit, source, and meaning. Secrets stay hidden."
    ),
    "costs": "Show the confidence at which answers are accepted, read back, or asked for again.",
    "tuning": "Show all endpointing and recognition parameters, with their meanings.",
    "grammar": "Check, parse, and sample the grammars.",
    "model": "Check and compare acoustic models.",
}
"""Each module of bot.commands that is a command, with its line of ``--help``."""


class CommandsOnDemand(TyperGroup):
    """The group of all commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All commands in the order of ``--help``."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        """The command of this name; it is imported only where it is parsed or run."""
        if cmd_name not in COMMANDS:
            return None
        return _OnDemand(name=cmd_name, help=COMMANDS[cmd_name])


class _OnDemand(TyperCommand):
    """Stands for a command until its arguments are parsed."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: Any = None,
        **extra: Any,
    ) -> Any:
        """Import the command and let it parse."""
        return load(str(self.name)).make_context(info_name, args, parent, **extra)


def load(name: str) -> Any:
    """Import a command: its module's ``app``, or else the function named like the module."""
    module = import_module(f"bot.commands.{name}")
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False)
        app.command(name)(getattr(module, name))
    return typer.main.get_command(app)
