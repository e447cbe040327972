"""Copies of the project: faults are put there, and work on the project goes on meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.mutants.operators import Fault
from scripts.mutants.tracing import Traced, read
from scripts.mutants.worker import Request

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
LEAST_LIMIT_S = 20.0
TIMES_AS_LONG = 6.0
QUIETLY = ("-q", "-x", "-p", "no:cacheprovider")
UNCALLED = "uncalled"


class Tree:
    """A copy of the project with a process that runs tests in it."""

    def __init__(self, root: Path, folder: Path, libraries: Sequence[str] = LIBRARIES) -> None:
        self.folder = folder
        _copy(root, folder)
        environment = os.environ | {"PYTHONPATH": str(folder)}
        self._worker = subprocess.Popen(  # noqa: S603 - our own arguments
            [sys.executable, "-W", "ignore", "-m", "scripts.mutants.worker", *libraries],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def outcome(self, request: Request) -> str:
        """pytest's exit status, or "timeout"."""
        assert self._worker.stdin is not None  # noqa: S101 - narrows for the type checker
        assert self._worker.stdout is not None  # noqa: S101 - narrows for the type checker
        self._worker.stdin.write(json.dumps(request) + "\n")
        self._worker.stdin.flush()
        return self._worker.stdout.readline().strip()

    def traced(self, file: str, tests: Sequence[str]) -> tuple[str, Traced]:
        """The outcome without a fault, and which tests call which functions of the file."""
        written = self.folder / "traced.json"
        written.unlink(missing_ok=True)
        outcome = self.outcome(
            {
                "arguments": [*QUIETLY, *tests],
                "limit_s": FIRST_LIMIT_S,
                "only": None,
                "trace": (str(self.folder / file), str(written)),
            }
        )
        return outcome, read(written) if written.exists() else Traced({}, {})

    def with_fault(self, fault: Fault, traced: Traced, least_limit_s: float = LEAST_LIMIT_S) -> str:
        """The outcome with the fault in its file; "uncalled" where no test calls it."""
        path = self.folder / fault.file
        before = path.read_text()
        tests = traced.tests_of(before, fault.line)
        if not tests:
            return UNCALLED
        files = list({test.split("::")[0]: None for test in tests})
        seconds = sum(traced.seconds[test] for test in tests)
        request: Request = {
            "arguments": [*QUIETLY, *files],
            "limit_s": least_limit_s + TIMES_AS_LONG * seconds,
            "only": tests,
            "trace": None,
        }
        path.write_text(fault.applied(before))
        _forget_compiled(path)
        try:
            return self.outcome(request)
        finally:
            path.write_text(before)
            _forget_compiled(path)

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


def _forget_compiled(path: Path) -> None:
    """Python knows a compiled file by its second and its size, which a fault may leave alone."""
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*"):
        compiled.unlink()


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
