"""Results as one JSON object per line, so that a stopped run can resume."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def append(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Append lines; an incomplete last line, cut off by a kill, stays on its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for row in rows:
            file.write("\n" * _is_torn(path) + json.dumps(row) + "\n")
            file.flush()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The complete lines; none if the file does not exist."""
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
