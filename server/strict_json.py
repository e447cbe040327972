"""JSON as every parser reads it: no duplicate names, no NaN, no nesting without end."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: bytes) -> object:
    """Parse a JSON document. Raises ValueError."""
    try:
        parsed: object = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name appears twice")
    return members


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
