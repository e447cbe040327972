"""Without the extras, tests are found and pass, or say which extra they need."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

MAY_NEED_ONE = re.compile(
    r"^(from|import) (acoustic_model|audio_fixtures|benchmarks)\b", re.MULTILINE
)
"""The service's own packages import no extra (test_architecture.py)."""


def test_every_test_is_found_or_skipped_without_the_extras(project: Path) -> None:
    files = [
        str(path)
        for path in sorted((project / "tests").rglob("test_*.py"))
        if MAY_NEED_ONE.search(path.read_text("utf-8"))
    ]
    assert len(files) > 20
    assert_without_extras(project, "--collect-only", *files)


def test_tests_of_measurements_run_or_are_skipped_without_the_extras(project: Path) -> None:
    """The benchmarks import an extra where it is used, too, which collecting does not show."""
    assert_without_extras(project, "tests/benchmarks")


def assert_without_extras(project: Path, *arguments: str) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.support.without_extras"),
            *("-p", "no:cacheprovider", "-n", "0", "-q", *arguments),
        ],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:]
