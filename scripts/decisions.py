"""Makes the index of docs/decisions from the notes."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "decisions"

THEMES = {
    0: "The call and its dialog",
    1: "Grammars, recognition, and barge-in",
    2: "Server, PINs, and web pages",
    3: "Training the acoustic model",
    4: "Unsure answers, and when to reply",
    5: "Stored data and secrets over the years",
    6: "How it is measured",
    7: "Evidence: fillers, confidence, and a second model",
    8: "Evidence: another listener",
}
"""The theme of the notes in each ten."""

OPENING = """\
# Decisions

Made by `make decisions` from the notes; do not edit it by hand.

A note says what was decided, why, what it costs, and what else was weighed. Tens are themes, so
numbers have gaps. An accepted note is not edited: a later one amends or supersedes it, and only the
status line under the older title changes. Paths and names in a note are those of its day;
[architecture.md](../architecture.md) has today's. What was measured at length is in
[docs/experiments](../experiments), under the number of the note.
"""

_TITLE = re.compile(r"# (?:\d+\.? )?(.+)")
_STATUS = re.compile(
    r"Status: (?P<status>accepted|rejected) (?P<date>\d{4}-\d{2}-\d{2})"
    r"(?P<later>(?:, (?:amended|superseded) by \d{4}(?: \([^()]+\))?)*)"
)
_NUMBER = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Note:
    """One decision, from its file name and first lines."""

    file: str
    title: str
    status: str
    date: str

    @property
    def number(self) -> str:
        """Four digits."""
        return self.file[:4]


def read(path: Path) -> Note:
    """Read one note. Raises ValueError if its title or status line is malformed."""
    lines = path.read_text("utf-8").splitlines()[:3]
    title = _TITLE.fullmatch(lines[0]) if lines else None
    status = _STATUS.fullmatch(lines[2]) if len(lines) > 2 else None
    if title is None or status is None or lines[1]:
        raise ValueError(
            f'{path.name}: must begin with "# Title", an empty line, and "Status: accepted '
            'YYYY-MM-DD", perhaps with ", amended by NNNN" or ", superseded by NNNN"'
        )
    return Note(path.name, title[1], status["status"] + status["later"], status["date"])


def index(folder: Path) -> str:
    """The index of a folder's notes. Raises ValueError."""
    notes = [read(path) for path in sorted(folder.glob("[0-9]*.md"))]
    for note in notes:
        _check(note, notes)
    parts = [OPENING]
    for ten in sorted({int(note.number) // 10 for note in notes}):
        rows = [_row(note, notes) for note in notes if int(note.number) // 10 == ten]
        head = "| number | decision | status | date |\n| --- | --- | --- | --- |"
        parts.append("\n".join([f"## {THEMES[ten]}\n", head, *rows, ""]))
    return "\n".join(parts)


def _check(note: Note, notes: Sequence[Note]) -> None:
    numbers = [one.number for one in notes]
    if numbers.count(note.number) > 1:
        raise ValueError(f"{note.file}: another note has this number")
    if int(note.number) // 10 not in THEMES:
        raise ValueError(f"{note.file}: scripts/decisions.py has no theme for these ten; add one")
    for later in _NUMBER.findall(note.status):
        if later not in numbers:
            raise ValueError(f"{note.file}: note {later} does not exist")


def _row(note: Note, notes: Sequence[Note]) -> str:
    file_of = {one.number: one.file for one in notes}
    status = note.status.removeprefix("accepted, ") if "superseded" in note.status else note.status
    status = _NUMBER.sub(lambda found: f"[{found[0]}]({file_of[found[0]]})", status)
    return f"| {note.number} | [{note.title}]({note.file}) | {status} | {note.date} |"


def main() -> None:
    """Write the index."""
    try:
        content = index(FOLDER)
    except ValueError as wrong:
        sys.exit(f"decisions: {wrong}")
    (FOLDER / "README.md").write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
