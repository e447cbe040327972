"""Runs commands as a user of an installation does: nothing points to the checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def run(*command: str | Path, folder: Path, **how: str) -> subprocess.CompletedProcess[str]:
    """A command as a user of this folder runs it: nothing points to the checkout."""
    return subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        input=how.get("stdin", ""),
        capture_output=True,
        text=True,
        check=False,
    )


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
