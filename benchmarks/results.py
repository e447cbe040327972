"""The committed file of measured figures, from which docs/recognition.md is made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.atomic_file import write_whole
from bot.resources import PROJECT

RESULTS = PROJECT / "docs" / "recognition.json"


def read(path: Path = RESULTS) -> dict[str, Any]:
    """All sections; none if nothing has been measured yet."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def store(section: str, values: dict[str, Any], path: Path = RESULTS) -> None:
    """Replace one section atomically."""
    text = _written({**read(path), section: values})
    write_whole(path, text.encode())


def _written(values: dict[str, Any]) -> str:
    """JSON with a line per figure, so that new runs give readable diffs."""
    sections = []
    for name, section in sorted(values.items()):
        fields = [f"  {json.dumps(key)}: {_field(value)}" for key, value in section.items()]
        sections.append(f" {json.dumps(name)}: {{\n" + ",\n".join(fields) + "\n }")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def _field(value: Any) -> str:
    if isinstance(value, list | tuple) and value:
        lines = ",\n".join(f"   {json.dumps(one, ensure_ascii=False)}" for one in value)
        return f"[\n{lines}\n  ]"
    return json.dumps(value, ensure_ascii=False)
