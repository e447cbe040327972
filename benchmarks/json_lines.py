"""Measured things, one JSON object a line, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def append(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Add lines; one that a kill cut off stays by itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for row in rows:
            file.write("\n" * _is_torn(path) + json.dumps(row) + "\n")
            file.flush()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines that are whole; none where there is no file."""
    if not path.is_file():
        return
    for line in path.read_text("utf-8").splitlines():
        try:
            yield dict(json.loads(line))
        except ValueError:
            continue


def _is_torn(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return False
        file.seek(-1, 2)
        return file.read(1) != b"\n"
