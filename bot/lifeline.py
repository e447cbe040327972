"""Processes that end when their parent ends, for any reason.

A killed process notifies nobody, but its children see what the kernel closes: in a pool, the pipe
from multiprocessing, and otherwise the standard input that the parent holds open.

    python -m bot.lifeline MODULE ARGUMENT…     runs a module so, with standard input as the line
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import select
import sys
from collections.abc import Callable
from multiprocessing.connection import wait
from threading import Thread


def command(module: str, *arguments: str) -> list[str]:
    """Command that runs one of our modules until we end; its standard input must be a pipe."""
    return [sys.executable, "-m", __name__, module, *arguments]


def end_with_pool() -> None:
    """End this process of a pool when the pool's owner has ended; call it first."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        sentinel = parent.sentinel
        _end_after(lambda: wait([sentinel]))


def end_with_input() -> None:
    """The process ends when nobody holds its standard input open any more; nothing of it is read,
    but on Windows."""
    if hasattr(select, "poll"):
        closing = select.poll()
        closing.register(0, 0)
        _end_after(closing.poll)
    else:
        _end_after(lambda: os.read(0, 1))


def _end_after(parent_ended: Callable[[], object]) -> None:
    def watch() -> None:
        parent_ended()
        os._exit(1)  # nobody waits for its work any more

    Thread(target=watch, name="lifeline", daemon=True).start()


def main() -> None:
    """Run the module given by the first argument."""
    end_with_input()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
