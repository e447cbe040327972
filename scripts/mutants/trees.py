"""Copies of the project in which a fault can be put without touching the project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.mutants.operators import Fault

LINKED = ("bot/models/", "audio_fixtures/")
"""Large, and only read."""
LIBRARIES = (
    *("numpy", "pytest", "hypothesis", "pydantic", "pydantic_settings", "yaml", "jinja2"),
    *("sqlalchemy.orm", "fastapi.testclient", "alembic.command", "argon2", "structlog", "httpx"),
    *("typer.testing", "soundfile", "soxr", "phonenumbers", "cryptography.x509", "authlib.jose"),
    *("schemathesis", "playwright.sync_api", "uvicorn"),
)
"""Loaded once for all runs, where they are installed."""
FIRST_LIMIT_S = 600.0
LEAST_LIMIT_S = 30.0
TIMES_AS_LONG = 6.0


class Tree:
    """A copy of the project with a process that runs tests in it."""

    def __init__(self, root: Path, folder: Path, libraries: Sequence[str] = LIBRARIES) -> None:
        self._root = root
        self.folder = folder
        _copy(root, folder)
        environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        self._worker = subprocess.Popen(  # noqa: S603 - our own arguments
            [sys.executable, "-W", "ignore", "-m", "scripts.mutants.worker", *libraries],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def outcome(self, tests: Sequence[str], limit_s: float) -> str:
        """pytest's exit status, or "timeout"."""
        assert self._worker.stdin is not None  # noqa: S101 - narrows for the type checker
        assert self._worker.stdout is not None  # noqa: S101 - narrows for the type checker
        arguments = ["-q", "-x", "-p", "no:cacheprovider", *tests]
        self._worker.stdin.write(json.dumps([arguments, limit_s]) + "\n")
        self._worker.stdin.flush()
        return self._worker.stdout.readline().strip()

    def measure(self, tests: Sequence[str]) -> tuple[str, float]:
        """The outcome without a fault, and the limit that follows from the time it takes."""
        begun = time.monotonic()
        outcome = self.outcome(tests, FIRST_LIMIT_S)
        return outcome, max(LEAST_LIMIT_S, TIMES_AS_LONG * (time.monotonic() - begun))

    def with_fault(self, fault: Fault, tests: Sequence[str], limit_s: float) -> str:
        """The outcome with the fault in its file."""
        path = self.folder / fault.file
        before = path.read_text()
        path.write_text(fault.applied(before))
        try:
            return self.outcome(tests, limit_s)
        finally:
            shutil.copy2(self._root / fault.file, path)

    def close(self) -> None:
        """End the process."""
        if self._worker.stdin is not None:
            self._worker.stdin.close()
        self._worker.wait()


@contextmanager
def tree(root: Path, folder: Path, libraries: Sequence[str] = LIBRARIES) -> Iterator[Tree]:
    """A copy that goes when it was used."""
    made = Tree(root, folder, libraries)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder)


def _copy(root: Path, folder: Path) -> None:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.check_output(listed, cwd=root, text=True)  # noqa: S603 - a fixed command
    for name in filter(None, names.split("\0")):
        source, target = root / name, folder / name
        if not source.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.startswith(LINKED):
            target.symlink_to(source)
        else:
            shutil.copy2(source, target)
