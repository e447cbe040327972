"""Files that are either whole or as they were before."""

from __future__ import annotations

import os
from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file; where that fails, raise OSError and leave nothing half-written.

    A ``private`` one has a license number in it: it is for its owner's eyes only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(part, _NEW, 0o600 if private else 0o666), "wb") as file:
            file.write(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
