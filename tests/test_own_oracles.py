"""A test judges by values of its own: a number taken from the code is right by definition."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

pytestmark = pytest.mark.unit

IMPORT = re.compile(r"^from ((?:bot|server)\.[\w.]+) import (\([^)]*\)|.*)$", re.MULTILINE)
CONSTANT = re.compile(r"\b[A-Z][A-Z_]+\b")
NUMBER = r"(?:: [\w\[\]., ]+)? = (?:[-(]*\d|timedelta)"

INPUTS = {
    "bot.adapters.detector_silero.WINDOW": "how the detector wants its audio",
    "bot.adapters.recognizer_vosk.RATES": "every rate that is offered is tried",
}
"""Numbers that tests feed to the code, and do not compare with."""


def numbers_of_the_code(test: str) -> set[str]:
    """Constants that a test file imports and that are numbers or lengths of time."""
    found = set()
    for module, names in IMPORT.findall(test):
        path = PROJECT / Path(*module.split(".")).with_suffix(".py")
        code = path.read_text() if path.exists() else ""
        for name in CONSTANT.findall(names):
            if re.search(rf"^{name}{NUMBER}", code, re.MULTILINE):
                found.add(f"{module}.{name}")
    return found


def test_numbers_are_found() -> None:
    code = "from bot.calls.recorder import AROUND_MS, CallRecorder\n"
    assert numbers_of_the_code(code) == {"bot.calls.recorder.AROUND_MS"}
    several = "from server.services.budgets import (\n    LONGEST_WINDOW,\n    spend,\n)\n"
    assert numbers_of_the_code(several) == {"server.services.budgets.LONGEST_WINDOW"}
    assert numbers_of_the_code("from bot.types import KEYS\n") == set()


def test_no_test_judges_the_code_by_the_codes_numbers() -> None:
    files = sorted((PROJECT / "tests").rglob("test_*.py"))
    taken = {path.name: numbers_of_the_code(path.read_text()) - set(INPUTS) for path in files}
    assert {name: numbers for name, numbers in taken.items() if numbers} == {}
