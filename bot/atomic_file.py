"""Atomic writes: a file is either complete or unchanged, even with concurrent writers."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Write a file atomically. On failure, raises OSError and leaves nothing half-written.

    Missing folders are created. A ``private`` file, with a caller's number or voice, is readable
    only by its owner.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        with os.fdopen(os.open(part, _NEW, 0o600 if private else 0o666), "wb") as file:
            file.write(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
