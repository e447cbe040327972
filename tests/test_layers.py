"""``make test`` leaves some layers out: those that need more than Python, and nothing else."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import PROJECT

pytestmark = pytest.mark.unit

LAYERS = re.compile(r"pytest\.mark\.(acoustic|browser)\b")


def left_out() -> list[Path]:
    """The folders and files that the Makefile leaves to ``make test-all``."""
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    lines = re.findall(r"^MORE_LAYERS \S?= (.*)$", makefile, re.MULTILINE)
    return [PROJECT / place for line in lines for place in line.split()]


def marked() -> Iterator[Path]:
    """The files whose tests train, or open a browser."""
    for file in (PROJECT / "tests").rglob("test_*.py"):
        if LAYERS.search(file.read_text("utf-8")):
            yield file


def test_everything_left_out_exists() -> None:
    places = left_out()
    assert len(places) == 5
    assert [place for place in places if not place.exists()] == []


def test_training_and_browsers_are_left_to_the_other_command() -> None:
    places = left_out()
    files = [file for file in marked() if file != Path(__file__)]
    assert len(files) > 12
    assert [file for file in files if not {file, *file.parents} & set(places)] == []


def test_nothing_else_is_left_out() -> None:
    whole = {place for place in left_out() if place.is_dir()}
    assert {place.name for place in whole} == {"acoustic_model", "packaging", "browser"}


def test_tests_left_out_are_not_even_imported(pytestconfig: pytest.Config) -> None:
    if not pytestconfig.getoption("ignore"):
        pytest.skip("all layers may run here; `make test` leaves some out")
    assert [name for name in ("torch", "playwright") if name in sys.modules] == []


def test_ci_runs_everything() -> None:
    assert "\nmake test-all\n" in (PROJECT / ".ci" / "run").read_text("utf-8")
