"""Files passed between stages: written whole or not at all, and identified by their content.

The bot has its own ``write_whole``: the two packages share files but never import each other.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Writes `path` whole; on failure, raises OSError with its name and keeps the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        partial.unlink(missing_ok=True)


def digest(path: Path) -> str:
    """Hash of a file, or of a folder's files and their names; empty if the path is missing."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    found = sorted(each for each in path.rglob("*") if each.is_file())
    parts = "".join(f"{each.relative_to(path)} {digest(each)}\n" for each in found)
    return hashlib.sha256(parts.encode()).hexdigest() if found else ""
