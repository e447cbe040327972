"""Copies of the project, in which faults are tried while work on the project continues."""

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
from scripts.mutants.resident import Order
from scripts.mutants.tracing import Traced, read
from scripts.mutants.worker import Request

LINKED = ("bot/models/", "audio_fixtures/")
"""Large folders that are only read."""
LIBRARIES = (
    *("numpy", "pytest", "hypothesis", "pydantic", "pydantic_settings", "yaml", "jinja2"),
    *("sqlalchemy.orm", "fastapi.testclient", "alembic.command", "argon2", "structlog", "httpx"),
    *("typer.testing", "soundfile", "soxr", "phonenumbers", "cryptography.x509", "authlib.jose"),
    *("schemathesis", "playwright.sync_api", "uvicorn"),
)
"""Loaded once for all runs, if installed."""
FIRST_LIMIT_S = 600.0
LEAST_LIMIT_S = 20.0
TIMES_AS_LONG = 6.0
STAYS_S = 100_000.0
TEST_LIMIT_S = "600"
"""Limit for one test, so high that a slow test does not fail before the run does."""
UNCALLED = "uncalled"


class Tree:
    """A copy of the project, with a process that runs tests in it."""

    def __init__(self, root: Path, folder: Path, libraries: Sequence[str] = LIBRARIES) -> None:
        self.folder = folder
        _copy(root, folder)
        (folder / "tmp").mkdir(exist_ok=True)
        environment = os.environ | {"PYTHONPATH": str(folder), "TMPDIR": str(folder / "tmp")}
        environment["ELMS_TEST_TIMEOUT_S"] = TEST_LIMIT_S
        self._worker = subprocess.Popen(  # noqa: S603 - our own arguments
            [sys.executable, "-W", "ignore", "-m", "scripts.mutants.worker", *libraries],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def collected(self, file: str, tests: Sequence[str]) -> Iterator[Traced | str]:
        """Collect tests, and keep them. Return which of them call which function of the file, or
        how collecting them fails."""
        self._ask(
            Request(arguments=_quietly(tests), limit_s=STAYS_S, only=[], traced=self._at(file))
        )
        if (answer := self._answer()) != "ready":
            yield answer
            return
        written = self.folder / "traced.json"
        self._ask(Order(tests=[], source="", out=str(written), limit_s=FIRST_LIMIT_S))
        outcome = self._answer()
        yield read(written) if outcome == "0" else outcome
        self._end_collected()

    def swapped(self, fault: Fault, traced: Traced, least_limit_s: float = LEAST_LIMIT_S) -> str:
        """Return the outcome with the fault in its function, on tests that are already collected.

        It is "uncalled" if no test calls the function, and "9" if the function cannot take the
        fault.
        """
        source = (self.folder / fault.file).read_text()
        tests = traced.tests_of(source, fault.line)
        if not tests:
            return UNCALLED
        limit_s = least_limit_s + TIMES_AS_LONG * sum(traced.seconds[test] for test in tests)
        self._ask(Order(tests=tests, source=fault.applied(source), out="", limit_s=limit_s))
        return self._answer()

    def written(self, fault: Fault, traced: Traced) -> str:
        """Return the outcome with the fault in its file, on tests that are collected with it."""
        path = self.folder / fault.file
        before = path.read_text()
        tests = traced.tests_of(before, fault.line)
        limit_s = FIRST_LIMIT_S + TIMES_AS_LONG * sum(traced.seconds[test] for test in tests)
        files = list({test.split("::")[0]: None for test in tests})
        path.write_text(fault.applied(before))
        _forget_compiled(path)
        try:
            self._ask(Request(arguments=_quietly(files), limit_s=limit_s, only=tests, traced=""))
            return self._answer()
        finally:
            path.write_text(before)
            _forget_compiled(path)

    def close(self) -> None:
        """End the process."""
        if self._worker.stdin is not None:
            self._worker.stdin.close()
        self._worker.wait()

    def _at(self, file: str) -> str:
        return str(self.folder / file)

    def _end_collected(self) -> None:
        assert self._worker.stdin is not None  # noqa: S101 - narrows for the type checker
        self._worker.stdin.write("\n")
        self._worker.stdin.flush()
        self._answer()

    def _ask(self, question: Request | Order) -> None:
        assert self._worker.stdin is not None  # noqa: S101 - narrows for the type checker
        self._worker.stdin.write(json.dumps(question) + "\n")
        self._worker.stdin.flush()

    def _answer(self) -> str:
        assert self._worker.stdout is not None  # noqa: S101 - narrows for the type checker
        return self._worker.stdout.readline().strip()


@contextmanager
def tree(root: Path, folder: Path, libraries: Sequence[str] = LIBRARIES) -> Iterator[Tree]:
    """Make a copy, and remove it after use."""
    made = Tree(root, folder, libraries)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder)


def _quietly(tests: Sequence[str]) -> list[str]:
    """Return arguments that turn off plugins, which have no part in this and take half a second."""
    without = ("cacheprovider", "looponfail", "schemathesis")
    return ["-q", "-x", *(f"-pno:{name}" for name in without), *tests]


def _forget_compiled(path: Path) -> None:
    """Remove compiled files: Python identifies them by second and size, which a fault may not
    change."""
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
