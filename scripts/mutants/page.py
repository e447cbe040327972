"""Writes the table by file and the list of survivors in docs/testing.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from scripts.mutants.results import BROKEN, SURVIVED, Result

PAGE = Path("docs") / "testing.md"
JUDGED = Path("scripts") / "mutants" / "survivors.yaml"
START, END = "<!-- mutants: made by `make mutants` -->", "<!-- end of mutants -->"
EQUIVALENT = "equivalent: "
"""How the judgment begins if nobody could notice the change."""

Judgments = Mapping[str, Mapping[str, str]]
"""For each file, the judgments of changes that survived."""


def judgments(root: Path) -> Judgments:
    """Read people's judgments of survivors."""
    found: Judgments = yaml.safe_load((root / JUDGED).read_text()) or {}
    return found


def tables(results: Sequence[Result], judged: Judgments) -> str:
    """Return the table, and the survivors below it."""
    rows = [
        "| file | tried | noticed | equivalent | survived | noticed of the others |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    files = sorted({one.file for one in results})
    for file in files:
        rows.append(_row(f"`{file}`", [one for one in results if one.file == file], judged))
    rows.append(_row("all", results, judged))
    survivors = [_survivor(one, judged) for one in results if one.outcome == SURVIVED]
    return "\n".join([*rows, "", *survivors])


def write(root: Path, results: Iterable[Result]) -> None:
    """Write both between the page's marks."""
    path = root / PAGE
    before, rest = path.read_text().split(START)
    made = tables([one for one in results if one.outcome != BROKEN], judgments(root))
    path.write_text(f"{before}{START}\n\n{made}\n\n{END}{rest.split(END)[1]}")


def judgment(one: Result, judged: Judgments) -> str:
    """Return the judgment of a survivor; empty if nobody has looked at it."""
    return judged.get(one.file, {}).get(one.change, "")


def _row(name: str, results: Sequence[Result], judged: Judgments) -> str:
    survived = [one for one in results if one.outcome == SURVIVED]
    equivalent = sum(judgment(one, judged).startswith(EQUIVALENT) for one in survived)
    noticed, left = len(results) - len(survived), len(survived) - equivalent
    share = f"{100 * noticed / (noticed + left):.0f} %" if noticed + left else "–"
    return f"| {name} | {len(results)} | {noticed} | {equivalent} | {left} | {share} |"


def _survivor(one: Result, judged: Judgments) -> str:
    change = one.change.replace("|", "\\|")
    return f"- `{one.file}`: `{change}`: {judgment(one, judged) or 'not judged yet'}"
