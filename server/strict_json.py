"""JSON that every parser reads alike: no duplicate names, no NaN, no unlimited nesting."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: bytes) -> object:
    """Parse a JSON document. Raises ValueError."""
    try:
        parsed: object = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate name")
    return members


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
