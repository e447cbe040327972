"""The service does not start on a database that it cannot use, and says why in one line."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from server.database import Database, migrate
from tests.support.processes import run_module

pytestmark = pytest.mark.server


def serve(database: Path) -> str:
    """Start the service on a database that it cannot use; the one line that it says."""
    ran = run_module(
        "server", "serve", "--demo", "--port", "0", "--database", f"sqlite:///{database}",
        folder=database.parent if database.parent.is_dir() else Path.cwd(),
    )  # fmt: skip
    assert ran.returncode == 1
    (line,) = ran.stderr.splitlines()
    assert line.startswith("elms-server: ")
    return line


def test_a_database_in_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "does not exist" in serve(tmp_path / "nowhere" / "elms.sqlite3")


def test_a_database_of_an_unknown_version_is_named(tmp_path: Path) -> None:
    database = tmp_path / "elms.sqlite3"
    _migrate(database)
    with sqlite3.connect(database) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    assert "unknown version" in serve(database)


def test_a_read_only_database_is_named(tmp_path: Path) -> None:
    database = tmp_path / "elms.sqlite3"
    _migrate(database)
    with database.open("r+b") as file:
        file.seek(18)  # SQLite's own mark of a file that may only be read, also by root
        file.write(b"\x03")
    assert "readonly" in serve(database)


def _migrate(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
