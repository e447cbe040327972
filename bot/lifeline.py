"""Processes that end with the one that started them, however that one ended.

Who is killed tells nobody. What the kernel closes then is seen by the children: of a pool's process
the pipe that multiprocessing gives it, of any other the standard input that its parent holds open.

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
    """What starts a module of ours that ends with us; its standard input has to be a pipe."""
    return [sys.executable, "-m", __name__, module, *arguments]


def end_with_pool() -> None:
    """Called first in a process of a pool: it ends when the process that has the pool has ended."""
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
        os._exit(1)  # whatever it was at work on, nobody waits for it

    Thread(target=watch, name="lifeline", daemon=True).start()


def main() -> None:
    """Run the module that the first argument names."""
    end_with_input()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
