"""Processes by their id: who descends from whom, and who is still there. Linux only."""

from __future__ import annotations

import time
from pathlib import Path

Process = tuple[int, str]
"""A process id and when it began: an id is given to another one some day."""


def descendants(of: int) -> set[Process]:
    """Children, their children, and so on, but for what has ended."""
    parents = {pid: parent for pid, (parent, state, _) in _all().items() if state not in "ZX"}
    found: set[int] = set()
    growing = True
    while growing:
        more = {pid for pid, parent in parents.items() if parent in {of, *found}} - found
        found |= more
        growing = bool(more)
    return {(pid, _all()[pid][2]) for pid in found if pid in _all()}


def alive(processes: set[Process]) -> set[Process]:
    """Those that have not ended."""
    now = _all()
    return {
        (pid, began)
        for pid, began in processes
        if pid in now and now[pid][2] == began and now[pid][1] not in "ZX"
    }


def outlived(processes: set[Process], within_s: float) -> set[Process]:
    """Those that are still there after that time."""
    until = time.monotonic() + within_s
    while (left := alive(processes)) and time.monotonic() < until:
        time.sleep(0.05)
    return left


def command_of(pid: int) -> str:
    """Its command line, to say which one is meant."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return "ended"


def core_limit(pid: int) -> str:
    """How large a core file of the process may be; empty where it has ended."""
    try:
        limits = Path(f"/proc/{pid}/limits").read_text()
    except OSError:
        return ""
    (line,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    return line.split()[4]


def _all() -> dict[int, tuple[int, str, str]]:
    """Parent, state and beginning by process id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            fields = stat.rsplit(")", 1)[1].split()
            found[int(folder.name)] = (int(fields[1]), fields[0], fields[19])
    return found
