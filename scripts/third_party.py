"""Writes the table in THIRD_PARTY.md; the text above its marker is written by hand."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from scripts.locked import PROJECT, LockError, Package, packages

FILE = PROJECT / "THIRD_PARTY.md"
MARKER = "<!-- make third-party writes what follows -->\n"


def table(rows: Iterable[Package]) -> str:
    """The packages as a Markdown table."""
    lines = [f"| {row.name} | {row.version} | {row.license} | {row.home} |" for row in rows]
    return "\n".join(["| package | version | license | home |", "|---|---|---|---|", *lines, ""])


def main() -> None:
    """Replace the table."""
    try:
        rows = packages()
    except LockError as error:
        sys.exit(f"third-party: {error}")
    above, marker, _ = FILE.read_text("utf-8").partition(MARKER)
    if not marker:
        sys.exit(f"third-party: {FILE.name} lacks its marker; add this line: {MARKER.strip()}")
    FILE.write_text(above + MARKER + "\n" + table(rows), "utf-8")


if __name__ == "__main__":
    main()
