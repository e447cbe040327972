"""A test that hangs is a failure, and the tests after it are run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

HANGS = """
import subprocess, sys, threading

def test_waits_for_a_thread():
    threading.Event().wait()

def test_waits_for_a_process():
    subprocess.run([sys.executable, "-c", "import time; time.sleep(600)"])

def test_goes_on():
    pass
"""


def test_every_wait_of_a_test_has_a_limit(project: Path, tmp_path: Path) -> None:
    (tmp_path / "test_hangs.py").write_text(HANGS)
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.conftest"),
            *("-c", str(project / "pyproject.toml"), str(tmp_path)),
        ],
        cwd=project,
        env={**os.environ, "ELMS_TEST_TIMEOUT_S": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 failed, 1 passed" in ran.stdout, ran.stdout + ran.stderr
    assert "Failed: Timeout (>2.0s)" in ran.stdout
