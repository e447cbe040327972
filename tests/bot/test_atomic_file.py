"""Files that are either whole or as they were before."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.atomic_file import write_whole

pytestmark = pytest.mark.unit


def test_a_private_file_is_for_its_owner_alone_whatever_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"before")
    path.chmod(0o644)
    write_whole(path, b"after", private=True)
    assert path.read_bytes() == b"after"
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.mkdir()
    (path / "inside").touch()
    with pytest.raises(OSError):
        write_whole(path, b"")
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]
