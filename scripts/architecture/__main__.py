"""Draws the bot's map: the two pictures of docs/architecture.md, and its table of packages."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from scripts.architecture.code import PROJECT, Room, read_rooms, reduced
from scripts.architecture.floors import FLOORS, floor_of
from scripts.architecture.picture import NARROW, WIDE, draw

PAGE = PROJECT / "docs" / "architecture.md"
IMAGES = PROJECT / "docs" / "images"
BEGIN, END = "<!-- packages: made by `make architecture` -->", "<!-- end of packages -->"


def made() -> dict[Path, str]:
    """The intended content of each file. Raises ValueError if imports violate the floors."""
    rooms = read_rooms()
    check(rooms)
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return {
        IMAGES / "architecture.svg": draw(rooms, WIDE),
        IMAGES / "architecture-narrow.svg": draw(rooms, NARROW),
        PAGE: f"{before}{BEGIN}\n\n{_table(rooms)}\n\n{END}{after}",
    }


def check(rooms: Mapping[str, Room]) -> None:
    """Raise ValueError for a package without a floor, or an import that does not lead downward."""
    floors = floor_of()
    if unlike := set(rooms) ^ set(floors):
        names = ", ".join(sorted(unlike))
        raise ValueError(f"{names}: must be both in bot/ and in scripts/architecture/floors.py")
    for name, room in rooms.items():
        for lower in room.imports:
            if floors[lower] >= floors[name]:
                raise ValueError(f"bot/{room.label} imports {lower}, which is not on a lower floor")


def _table(rooms: Mapping[str, Room]) -> str:
    arrows = reduced(rooms)
    lines = ["| package or file | what it is | its arrows |", "| --- | --- | --- |"]
    for row in reversed(FLOORS):
        for name in row.split():
            lower = ", ".join(f"`{to}`" for at, to in arrows if at == name)
            lines.append(f"| `bot/{rooms[name].label}` | {rooms[name].sentence} | {lower or '–'} |")
    return "\n".join(lines)


def main() -> None:
    """Write the files that changed."""
    try:
        files = made()
    except ValueError as wrong:
        sys.exit(f"architecture: {wrong}")
    for path, content in files.items():
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
