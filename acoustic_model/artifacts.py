"""Files as stages pass them on: written whole or not at all, and told apart by their content.

The bot has a ``write_whole`` too, which this package does not import: the two meet in files alone.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Writes `path`, or raises OSError that names it and leaves what was there."""
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
    """Of a file, or of all files in a folder with their names; empty where there is nothing."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    found = sorted(each for each in path.rglob("*") if each.is_file())
    parts = "".join(f"{each.relative_to(path)} {digest(each)}\n" for each in found)
    return hashlib.sha256(parts.encode()).hexdigest() if found else ""
