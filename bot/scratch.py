"""Temporary folders that are always removed: at the latest by the next start after a kill.

Each has a file that its process holds a lock on. The kernel gives the lock back when the process
ends, so a folder whose lock is free has no owner any more.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows removes nothing that somebody has open
    fcntl = None  # type: ignore[assignment]

PREFIX = "elms-"
_OWNED = ".owned"


@contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """A folder ``elms-NAME-…`` for this process, removed at the end. Raises OSError."""
    remove_left_over()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{name}-"))
    try:
        lock = _own(folder)
        try:
            yield folder
        finally:
            os.close(lock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_left_over() -> None:
    """Remove the folders of ours whose process has ended."""
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            if _is_left_over(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _own(folder: Path) -> int:
    """The lock appears under its name only once it is held."""
    new = folder / f"{_OWNED}.new"
    lock = os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    if fcntl is not None:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    new.rename(folder / _OWNED)
    return lock


def _is_left_over(folder: Path) -> bool:
    if fcntl is None:
        return False
    try:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            return False
        lock = os.open(folder / _OWNED, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True
