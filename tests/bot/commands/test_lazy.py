"""The list of commands: complete, and nothing is imported that was not asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.commands.lazy import NAMES
from bot.resources import PROJECT

pytestmark = pytest.mark.unit


NO_COMMANDS = {"compare", "keyboard"}
"""A part of ``model``, and the keys of ``mic``, each a function named after its module."""


def test_every_command_is_listed_with_its_own_words() -> None:
    modules = {file.stem for file in (PROJECT / "bot" / "commands").glob("[!_]*.py")}
    assert {name for name in modules if _command(name)} - NO_COMMANDS == set(NAMES)
    shown = CliRunner().invoke(app, ["--help"]).output
    assert [name for name in NAMES if f"│ {name} " not in shown] == []


def _command(name: str) -> bool:
    module = import_module(f"bot.commands.{name}")
    return callable(getattr(module, name, None)) or hasattr(module, "app")


def test_a_command_imports_no_other() -> None:
    asked = (
        "import sys, bot.__main__ as m; from typer.testing import CliRunner;"
        " CliRunner().invoke(m.app, ['costs', '--help']);"
        " print('bot.commands.costs' in sys.modules, 'bot.commands.serve' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert shown.stdout.split() == ["True", "False"]


def test_a_mistyped_command_is_guessed() -> None:
    assert "Did you mean 'say'?" in CliRunner().invoke(app, ["sya"]).output
