"""Runs tests in one copied tree, each time in a fork of a process that has the libraries loaded.

Its arguments name the libraries. Each line of its input is a JSON list of pytest's arguments and a
limit in seconds; for each it writes the exit status, or "timeout", as a line.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from contextlib import suppress

POLL_S = 0.02


def main() -> None:
    """Serve until the input ends."""
    for name in sys.argv[1:]:
        with suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        arguments, limit_s = json.loads(line)
        print(_outcome(arguments, limit_s), flush=True)  # noqa: T201 - the answer to the request


def _outcome(arguments: list[str], limit_s: float) -> str:
    child = os.fork()
    if child == 0:
        _run(arguments)
    ends = time.monotonic() + limit_s
    while time.monotonic() < ends:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _end_group(child)
            return str(os.waitstatus_to_exitcode(status))
        time.sleep(POLL_S)
    _end_group(child)
    os.waitpid(child, 0)
    return "timeout"


def _end_group(leader: int) -> None:
    """Also what the tests have started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _run(arguments: list[str]) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    status = 3
    try:
        status = int(importlib.import_module("pytest").main(arguments))
    finally:
        os._exit(status)


if __name__ == "__main__":
    main()
