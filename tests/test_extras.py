"""Without the extras every test is found, or says which extra it needs."""

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
    collected = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.support.without_extras"),
            *("-p", "no:cacheprovider", "-n", "0", "--collect-only", "-q", *files),
        ],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert collected.returncode == 0, collected.stdout[-4_000:]
