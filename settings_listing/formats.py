"""The list of settings as a table, as JSON, as a TOML file to start from, and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from rich.console import Console
from rich.table import Table

from settings_listing.entries import UNSET, Entry, as_text

BARE = ("today", "opens", "closes", "holidays")
"""Dates and times, which TOML writes without quotes."""
WIDE = 160
"""Columns of a table that goes into a file."""


def table(listed: Iterable[Entry], console: Console | None = None) -> None:
    """Print a table; outside a terminal as wide as it needs."""
    shown = console or Console()
    if not shown.is_terminal:
        shown = Console(width=WIDE)
    drawn = Table("setting", "value", "unit", "source", "meaning", box=None, pad_edge=False)
    for entry in listed:
        drawn.add_row(entry.name, entry.shown, entry.unit, entry.source, entry.meaning)
    shown.print(drawn, markup=False)


def as_json(listed: Iterable[Entry]) -> str:
    """A list of objects; of a secret, whether it is set."""
    return json.dumps(
        [
            {
                "name": entry.name,
                "value": entry.shown if entry.secret else entry.value,
                "default": entry.default,
                "unit": entry.unit,
                "source": entry.source,
                "meaning": entry.meaning,
                "variable": entry.variable,
            }
            for entry in listed
        ],
        indent=2,
        ensure_ascii=False,
    )


def as_toml(listed: Iterable[Entry]) -> str:
    """A commented settings file: what differs from its default is set, the rest shows it."""
    lines: list[str] = []
    for section, inside in groupby(listed, lambda entry: entry.path[:-1]):
        if section:
            lines += [f"[{'.'.join(section)}]"]
        for entry in inside:
            unit = f" ({entry.unit})" if entry.unit and entry.unit not in entry.meaning else ""
            lines += [f"# {entry.meaning}{unit}", _setting(entry), ""]
    return "\n".join(lines)


def _setting(entry: Entry) -> str:
    name = entry.path[-1]
    if entry.secret:
        return f"# {name}: a secret; set {entry.variable}, or write it here."
    if entry.value is None:
        return f"# {name}: not set."
    changed = entry.value != entry.default
    return f"{'' if changed else '#'}{name} = {_toml(entry.value, name in BARE)}"


def _toml(value: Any, bare: bool) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_toml(each, bare) for each in value)}]"
    if isinstance(value, str) and bare:
        return value
    return json.dumps(value, ensure_ascii=False)


def as_markdown(listed: Iterable[Entry]) -> str:
    """A table for each section: name, default, unit, and meaning."""
    lines: list[str] = []
    for section, inside in groupby(listed, lambda entry: entry.path[:-1]):
        if section:
            lines += [f"### {'.'.join(section)}", ""]
        lines += ["| setting | default | unit | meaning |", "| --- | --- | --- | --- |"]
        lines += [_row(entry) for entry in inside]
        lines += [""]
    return "\n".join(lines)


def _row(entry: Entry) -> str:
    default = as_text(None if entry.secret else entry.default)
    shown = default if default in {UNSET, "(none)"} else f"`{default}`" if default else ""
    meaning = entry.meaning.replace("|", "\\|")
    return f"| `{entry.path[-1]}` | {shown} | {entry.unit} | {meaning} |"
