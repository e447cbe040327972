"""The index of docs/decisions: up to date, and strict about the notes that it is made from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.decisions import index

pytestmark = pytest.mark.unit

NOTE = "# 1. Keys are heard first\n\nStatus: accepted 2026-11-23\n\n**Decision.** They are.\n"


def written(folder: Path, **notes: str) -> Path:
    for name, content in notes.items():
        (folder / f"{name.removeprefix('_')}.md").write_text(content, "utf-8")
    return folder


def test_the_index_agrees_with_the_notes(project: Path) -> None:
    folder = project / "docs" / "decisions"
    made = (folder / "README.md").read_text("utf-8")
    assert made == index(folder), "out of date: run make decisions"


def test_every_note_is_in_the_index_under_its_number(project: Path) -> None:
    folder = project / "docs" / "decisions"
    rows = re.findall(
        r"^\| (\d{4}) \| \[.+?\]\((.+?\.md)\) \|", (folder / "README.md").read_text("utf-8"), re.M
    )
    assert sorted(rows) == sorted((path.name[:4], path.name) for path in folder.glob("0*.md"))


def test_every_experiment_belongs_to_a_note_that_links_to_it(project: Path) -> None:
    docs = project / "docs"
    for path in (docs / "experiments").glob("*.md"):
        assert f"(../experiments/{path.name})" in (docs / "decisions" / path.name).read_text(
            "utf-8"
        )


def test_the_index_drops_numbers_from_titles_and_links_statuses(tmp_path: Path) -> None:
    made = index(
        written(
            tmp_path,
            _0001=NOTE.replace("11-23", "11-23, amended by 0002 (stars), superseded by 0011"),
            _0002=NOTE.replace("1. Keys", "Stars"),
            _0011=NOTE.replace("1. Keys", "0011 Pounds"),
        )
    )
    rows = [line for line in made.splitlines() if line.startswith("| 0")]
    assert rows == [
        "| 0001 | [Keys are heard first](0001.md) | amended by [0002](0002.md) (stars),"
        " superseded by [0011](0011.md) | 2026-11-23 |",
        "| 0002 | [Stars are heard first](0002.md) | accepted | 2026-11-23 |",
        "| 0011 | [Pounds are heard first](0011.md) | accepted | 2026-11-23 |",
    ]


@pytest.mark.parametrize(
    ("note", "complaint"),
    [
        ("", "0001.md: must begin with"),
        ("# Keys\n\n**Decision.** Yes.\n", "0001.md: must begin with"),
        (NOTE.replace("# 1.", "1."), "0001.md: must begin with"),
        (NOTE.replace("first\n\n", "first\n"), "0001.md: must begin with"),
        (NOTE.replace("2026-11-23", "yesterday"), "0001.md: must begin with"),
        (NOTE.replace("2026-11-23", "2026-11-23, improved by 0002"), "0001.md: must begin with"),
        (NOTE.replace("2026-11-23", "2026-11-23, amended by 0099"), "note 0099 does not exist"),
    ],
)
def test_a_malformed_note_is_named(tmp_path: Path, note: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        index(written(tmp_path, _0001=note))


def test_a_number_given_twice_and_a_ten_without_a_theme_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another note has this number"):
        index(written(tmp_path, **{"_0001-keys": NOTE, "_0001-stars": NOTE}))
    (tmp_path / "0001-stars.md").rename(tmp_path / "9991-stars.md")
    with pytest.raises(ValueError, match="no theme for these ten"):
        index(tmp_path)
