"""Files that are either whole or as they were before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.atomic_file import write_whole

pytestmark = pytest.mark.unit


def test_a_private_file_is_readable_by_its_owner_only_whatever_was_there_before(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"before")
    path.chmod(0o644)
    write_whole(path, b"after", private=True)
    assert path.read_bytes() == b"after"
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.mkdir()
    (path / "inside").touch()
    with pytest.raises(OSError):
        write_whole(path, b"")
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]


def test_one_of_many_concurrent_writers_wins_and_none_fails(tmp_path: Path) -> None:
    path, contents = tmp_path / "new" / "a.pcm", [bytes([n]) * 200_000 for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: write_whole(path, content), contents * 20))
    assert path.read_bytes() in contents
    assert list(path.parent.iterdir()) == [path]


def test_a_long_name_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 255)
    write_whole(path, b"content")
    assert path.read_bytes() == b"content"
