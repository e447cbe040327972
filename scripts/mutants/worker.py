"""Runs tests in one copied tree, each time in a fork of a process that has the libraries loaded.

Its arguments are the libraries. Each line of its input is a request as JSON; for each, it writes a
line with the exit status, or "timeout".
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypedDict

POLL_S = 0.01


class Request(TypedDict):
    """Tests to run."""

    arguments: list[str]
    """pytest's arguments."""
    limit_s: float
    only: list[str]
    """Run only these of the tests that the arguments name. If empty, collect all of them, and serve
    the requests of scripts/mutants/resident.py until one is empty."""
    traced: str
    """The file whose callers a resident looks for."""


def main() -> None:
    """Serve until the input ends."""
    for name in sys.argv[1:]:
        with suppress(ImportError):
            importlib.import_module(name)
    while line := sys.stdin.readline():
        request: Request = json.loads(line)
        answer = in_fork(partial(_run, request), request["limit_s"])
        print(answer, flush=True)  # noqa: T201 - the answer to the request


def in_fork(work: Callable[[], int], limit_s: float) -> str:
    """Return the exit status of ``work`` in its own process, or "timeout".

    The limit is longer on a busy machine, where a slow run is not a hang.
    """
    child = os.fork()
    if child == 0:
        _exit_with(work)
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    ends = time.monotonic() + limit_s * busy
    while time.monotonic() < ends:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _end_group(child)
            return str(os.waitstatus_to_exitcode(status))
        time.sleep(POLL_S)
    _end_group(child)
    os.waitpid(child, 0)
    return "timeout"


def _exit_with(work: Callable[[], int]) -> None:
    status = 3
    try:
        os.setsid()
        status = work()
    finally:
        os._exit(status)


def _end_group(leader: int) -> None:
    """End the process, and everything that the tests started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _run(request: Request) -> int:
    """Run pytest without output."""
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    tracing = importlib.import_module("scripts.mutants.tracing")
    resident = importlib.import_module("scripts.mutants.resident")
    plugin = (
        tracing.Only(request["only"])
        if request["only"]
        else resident.Resident(request["traced"], requests, answers)
    )
    return int(importlib.import_module("pytest").main(request["arguments"], plugins=[plugin]))


if __name__ == "__main__":
    main()
