"""Runs tests in one copied tree, each time in a fork of a process that has the libraries loaded.

Its arguments name the libraries. Each line of its input is a request as JSON; for each it writes
the exit status, or "timeout", as a line.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from contextlib import suppress
from typing import TypedDict

POLL_S = 0.02


class Request(TypedDict):
    """Tests to run."""

    arguments: list[str]
    """pytest's."""
    limit_s: float
    only: list[str] | None
    """These tests of what the arguments name; all where there is none."""
    trace: tuple[str, str] | None
    """A file whose callers are looked for, and where to write them."""


def main() -> None:
    """Serve until the input ends."""
    for name in sys.argv[1:]:
        with suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        print(_outcome(json.loads(line)), flush=True)  # noqa: T201 - the answer to the request


def _outcome(request: Request) -> str:
    child = os.fork()
    if child == 0:
        _run(request)
    ends = time.monotonic() + request["limit_s"]
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


def _run(request: Request) -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    status = 3
    try:
        pytest = importlib.import_module("pytest")
        status = int(pytest.main(request["arguments"], plugins=_plugins(request)))
    finally:
        os._exit(status)


def _plugins(request: Request) -> list[object]:
    tracing = importlib.import_module("scripts.mutants.tracing")
    only, trace = request["only"], request["trace"]
    plugins = [] if only is None else [tracing.Only(only)]
    return plugins if trace is None else [*plugins, tracing.Tracer(*trace)]


if __name__ == "__main__":
    main()
