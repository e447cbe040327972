"""Commands are imported when they run, and ``--help`` describes each as it describes itself."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from bot.commands.on_demand import COMMANDS, load

pytestmark = pytest.mark.unit

HEAVY = ("fastapi", "httpx", "numpy", "onnxruntime", "pydantic", "sqlalchemy", "structlog", "vosk")

LOADED = f"""
import sys
from bot.__main__ import main
sys.argv = ["elms-ivr", sys.argv[1]]
try:
    main()
except SystemExit as ended:
    assert ended.code == 0
print("loaded:", *(name for name in {HEAVY} if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("option", "shown"), [("--version", "elms-ivr 0.1.0"), ("--help", "recognize")]
)
def test_asking_for_help_or_the_version_loads_nothing_heavy(option: str, shown: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED, option], capture_output=True, text=True, check=True
    )
    assert shown in ran.stdout
    assert ran.stdout.endswith("loaded:\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_all_has_the_first_line_of_each(name: str) -> None:
    assert load(name).help.splitlines()[0] == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"])
    assert shown.exit_code == 0
    assert f"elms-ivr {name} " in shown.output


def test_a_word_that_is_no_command_is_refused() -> None:
    refused = CliRunner().invoke(app, ["sing"])
    assert refused.exit_code == 2
    assert "No such command 'sing'" in refused.output
