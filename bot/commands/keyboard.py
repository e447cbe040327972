"""The computer's keyboard as a telephone keypad: single keys, read in the event loop."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

HANG_UP = "q\x03\x04"
"""q, Ctrl-C, Ctrl-D."""


@contextmanager
def keyboard(
    press: Callable[[str], None], leave: Callable[[], None], stdin: IO[str] = sys.stdin
) -> Iterator[None]:
    """While the context is open, keys call ``press``, HANG_UP calls ``leave``; pipes work too."""
    loop = asyncio.get_running_loop()
    number = stdin.fileno()

    def arrived() -> None:
        keys = os.read(number, 64).decode(errors="ignore")
        if not keys:
            loop.remove_reader(number)
        for key in keys:
            if key in HANG_UP:
                leave()
            else:
                press(key)

    restore = _unbuffered(number) if os.isatty(number) else None
    try:
        loop.add_reader(number, arrived)
    except PermissionError:  # regular files and /dev/null cannot be watched, and have no keys
        yield
        return
    try:
        yield
    finally:
        loop.remove_reader(number)
        if restore is not None:
            restore()


def _unbuffered(number: int) -> Callable[[], None]:
    """Switch to single keys without echo; return a function that restores the terminal."""
    import termios  # noqa: PLC0415  not on every system, and only needed at a terminal
    import tty  # noqa: PLC0415

    before = termios.tcgetattr(number)
    tty.setcbreak(number)
    return lambda: termios.tcsetattr(number, termios.TCSADRAIN, before)
