"""Processes of a test: who descends from whom, who is still there, and none outlives its test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.paths import PROJECT


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Kill the process at the end; it may have ended before.

    Nothing in a test has a time-out of its own: the suite's ends every wait (conftest.py).
    """
    with process:
        try:
            yield process
        finally:
            process.kill()


def run_module(
    module: str, *arguments: str | Path, folder: Path
) -> subprocess.CompletedProcess[str]:
    """``python -m module`` in a folder, to its end; a traceback fails the test."""
    ran = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ran.stdout + ran.stderr
    return ran


def descendants(of: int) -> set[psutil.Process]:
    """Children, their children, and so on, but for what has ended."""
    try:
        return alive(set(psutil.Process(of).children(recursive=True)))
    except psutil.NoSuchProcess:
        return set()


def alive(processes: set[psutil.Process]) -> set[psutil.Process]:
    """Those that have not ended; one that nobody has waited for has."""
    return {each for each in processes if _state(each) not in (None, psutil.STATUS_ZOMBIE)}


def outlived(processes: set[psutil.Process], within_s: float) -> set[psutil.Process]:
    """Those that are still there after that time."""
    return alive(set(psutil.wait_procs(alive(processes), timeout=within_s)[1]))


def command_of(process: psutil.Process) -> str:
    """Its command line, to say which one is meant."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return "ended"


def core_limit(process: psutil.Process) -> int | None:
    """How large a core file of the process may be, bytes; None where it has ended."""
    try:
        return int(process.rlimit(psutil.RLIMIT_CORE)[0])
    except psutil.NoSuchProcess:
        return None


def _state(process: psutil.Process) -> str | None:
    try:
        return str(process.status())
    except psutil.NoSuchProcess:
        return None
