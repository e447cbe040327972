"""Temporary folders that are always removed; after a kill, by the next start.

Each has a file that its process keeps locked. The kernel releases the lock when the process ends,
so a folder whose lock is free has no owner.
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
    """Remove our folders whose processes have ended."""
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            if _is_left_over(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _own(folder: Path) -> int:
    """Create the lock file, which gets its name only once it is locked."""
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
