"""Backup and restore: every row, the audit chain, and a PIN; nothing half done (S12, S13)."""

from __future__ import annotations

import gzip
import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import MetaData, select
from typer.testing import CliRunner

from server.__main__ import cli
from server.admin.backup import back_up
from server.admin.restore import restore
from server.app import create_app
from server.context import Context, build_context
from server.database import Database, migrate, version_of
from server.errors import DatabaseError, ServerError, SettingsError
from server.models import Educator, User
from server.services import audit
from tests.support.elms_service import (
    Elms,
    MovingClock,
    empty_database,
    fresh_database,
    running_elms,
    settings_for,
)

pytestmark = pytest.mark.server

NUMBER, PIN, WRONG = "421903", "5827", "1390"
AT_0_1_0 = "0004"


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


@contextmanager
def empty(folder: Path, **overrides: Any) -> Iterator[Context]:
    """A context over a database without tables."""
    with empty_database(folder) as url:
        context = build_context(settings_for(url, **overrides), MovingClock())
        yield context
        context.database.close()


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    metadata = MetaData()
    metadata.reflect(database.engine)
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
            if table.name not in {"web_sessions", "call_tokens", "audit_rows", "audit_head"}
        }


def served(context: Context) -> Elms:
    """A service over a database that was restored."""
    return Elms(create_app(context.settings, MovingClock()), context.settings, MovingClock())


def test_a_restored_copy_is_identical_and_its_pins_work(elms: Elms, tmp_path: Path) -> None:
    assert elms.verify(NUMBER, WRONG).json()["verified"] is False
    file = back_up(elms.context, tmp_path / "elms.jsonl.gz")
    with empty(tmp_path) as copy:
        rows = restore(copy, file)
        assert rows > 400
        assert contents(copy.database) == contents(elms.context.database)
        with copy.database.read() as session:
            assert audit.verify_chain(session).broken_at is None
        again = served(copy)
        assert again.verify(NUMBER, PIN).json()["verified"] is True
        assert again.verify(NUMBER, WRONG).json()["verified"] is False
        again.context.database.close()


def test_sequence_numbers_continue_after_restored_ones(elms: Elms, tmp_path: Path) -> None:
    file = back_up(elms.context, tmp_path / "elms.jsonl.gz")
    with empty(tmp_path) as copy:
        restore(copy, file)
        with copy.database.write() as session:
            added = Educator(license_number="999001", name="Ada Bell", email="a@example.org")
            session.add(added)
            session.flush()
            highest = session.scalars(select(Educator.id).order_by(Educator.id.desc())).first()
            assert added.id == highest


def test_a_backup_keeps_no_sign_in_and_no_session_secret(elms: Elms, tmp_path: Path) -> None:
    elms.token(NUMBER, PIN)
    text = gzip.decompress(back_up(elms.context, tmp_path / "b.jsonl.gz").read_bytes()).decode()
    tables = [json.loads(line)["table"] for line in text.splitlines() if '{"table"' in line]
    assert {"educators", "pins", "attempts", "audit_rows", "users"} <= set(tables)
    assert not {"web_sessions", "call_tokens"} & set(tables)
    assert elms.settings.pepper.get_secret_value() not in text


def test_a_backup_is_readable_by_its_owner_only(elms: Elms, tmp_path: Path) -> None:
    file = back_up(elms.context, tmp_path / "b.jsonl.gz")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_keeps_the_newest_backups(elms: Elms, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    for _ in range(4):
        back_up(elms.context, folder, keep=2)
        elms.clock.move(days=1)
    assert sorted(path.name for path in folder.iterdir()) == [
        "elms-20221207T160000Z.jsonl.gz",
        "elms-20221208T160000Z.jsonl.gz",
        "notes.txt",
    ]


def test_a_backup_never_replaces_a_file(elms: Elms, tmp_path: Path) -> None:
    file = tmp_path / "b.jsonl.gz"
    file.write_text("mine")
    with pytest.raises(DatabaseError, match="already exists"):
        back_up(elms.context, file)
    assert file.read_text() == "mine"


def test_a_missing_folder_is_one_line_of_error(elms: Elms, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"cannot write .*: No such file or directory$"):
        back_up(elms.context, tmp_path / "none" / "b.jsonl.gz")


def changed_row(lines: list[bytes]) -> list[bytes]:
    return [line.replace(b'"421903"', b'"421904"') for line in lines]


def cut(lines: list[bytes]) -> list[bytes]:
    return lines[:-1]


def lost_row(lines: list[bytes]) -> list[bytes]:
    return [line for line in lines if b'"421903"' not in line]


def no_backup(_lines: list[bytes]) -> list[bytes]:
    return [b'{"some": "thing"}\n']


def future(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b'"revision":"0', b'"revision":"9'), *lines[1:]]


def no_lines(_lines: list[bytes]) -> list[bytes]:
    return []


@pytest.mark.parametrize("spoil", [changed_row, cut, lost_row, no_backup, future, no_lines])
def test_a_failed_backup_leaves_nothing_behind(spoil: Any, elms: Elms, tmp_path: Path) -> None:
    good = back_up(elms.context, tmp_path / "good.jsonl.gz")
    bad = tmp_path / "bad.jsonl.gz"
    lines = gzip.decompress(good.read_bytes()).splitlines(keepends=True)
    bad.write_bytes(gzip.compress(b"".join(spoil(lines))))
    with empty(tmp_path) as copy:
        with pytest.raises(DatabaseError) as refused:
            restore(copy, bad)
        assert "\n" not in str(refused.value)
        assert restore(copy, good) > 400


@pytest.mark.parametrize("size", [0, 5, 400])
def test_a_truncated_file_is_not_a_backup(size: int, elms: Elms, tmp_path: Path) -> None:
    good = back_up(elms.context, tmp_path / "good.jsonl.gz")
    bad = tmp_path / "bad.jsonl.gz"
    bad.write_bytes(good.read_bytes()[:size])
    with empty(tmp_path) as copy, pytest.raises(DatabaseError):
        restore(copy, bad)


def test_a_database_with_data_is_not_overwritten(elms: Elms, tmp_path: Path) -> None:
    file = back_up(elms.context, tmp_path / "b.jsonl.gz")
    before = contents(elms.context.database)
    with pytest.raises(DatabaseError, match="is not empty"):
        restore(elms.context, file)
    assert contents(elms.context.database) == before


def test_a_database_fresh_from_init_can_be_restored_into(elms: Elms, tmp_path: Path) -> None:
    file = back_up(elms.context, tmp_path / "b.jsonl.gz")
    with empty(tmp_path) as copy:
        migrate(copy.database)
        assert restore(copy, file) > 400


def test_another_pepper_is_reported_before_anything_changes(elms: Elms, tmp_path: Path) -> None:
    file = back_up(elms.context, tmp_path / "b.jsonl.gz")
    with empty(tmp_path, pepper=SecretStr("another pepper of thirty-two signs")) as copy:
        with pytest.raises(SettingsError, match="pepper"):
            restore(copy, file)
        assert version_of(copy.database) is None
        assert restore(copy, file, any_pepper=True) > 400


def test_a_broken_chain_is_reported_and_kept(elms: Elms, tmp_path: Path) -> None:
    elms.verify(NUMBER, PIN)
    with elms.context.database.engine.begin() as connection:
        metadata = MetaData()
        metadata.reflect(connection, only=["audit_rows"])
        rows = metadata.tables["audit_rows"]
        connection.execute(rows.update().where(rows.c.number == 1).values(actor="nobody"))
    file = back_up(elms.context, tmp_path / "b.jsonl.gz")
    with empty(tmp_path) as copy:
        with pytest.raises(DatabaseError, match="broken at row 1"):
            restore(copy, file)
        with copy.database.read() as session:
            assert session.scalars(select(User.username)).first() is not None


def test_a_database_of_0_1_0_can_be_upgraded(tmp_path: Path) -> None:
    """A backup of the old tables, made before the upgrade, is restored as today's."""
    with fresh_database(tmp_path) as url, empty(tmp_path) as copy:
        old = build_context(settings_for(url), MovingClock())
        migrate(old.database, AT_0_1_0)
        file = back_up(old, tmp_path / "old.jsonl.gz")
        with gzip.open(file) as opened:
            assert json.loads(opened.readline())["revision"] == AT_0_1_0
        migrate(old.database)
        restore(copy, file)
        assert contents(copy.database) == contents(old.database)
        again = served(copy)
        assert again.verify(NUMBER, PIN).json()["verified"] is True
        again.context.database.close()
        old.database.close()


def test_the_commands_report_what_they_did(tmp_path: Path) -> None:
    with fresh_database(tmp_path) as url, empty_database(tmp_path) as target:
        file = tmp_path / "b.jsonl.gz"
        made = CliRunner().invoke(cli, ["backup", str(file), "--demo", "--database", url])
        assert made.exit_code == 0, made.output
        assert f"{file} holds the database." in made.output
        back = CliRunner().invoke(cli, ["restore", str(file), "--demo", "--database", target])
        assert back.exit_code == 0, back.output
        assert "the audit chain is intact" in back.output
        empty_ones = CliRunner().invoke(
            cli, ["restore", str(tmp_path / "none.gz"), "--demo", "--database", target]
        )
        assert isinstance(empty_ones.exception, ServerError)
        assert str(empty_ones.exception).endswith("No such file or directory")


def test_backups_and_restores_are_in_the_audit(elms: Elms, tmp_path: Path) -> None:
    file = back_up(elms.context, tmp_path / "b.jsonl.gz")
    elms.clock.now += timedelta(minutes=1)
    with empty(tmp_path) as copy:
        restore(copy, file)
        metadata = MetaData()
        metadata.reflect(copy.database.engine, only=["audit_rows"])
        with copy.database.engine.connect() as connection:
            rows = metadata.tables["audit_rows"]
            last = connection.execute(select(rows).order_by(rows.c.number.desc())).first()
        assert last is not None
        assert (last.action, last.actor) == ("database.restored", "operator")
    metadata = MetaData()
    metadata.reflect(elms.context.database.engine, only=["audit_rows"])
    with elms.context.database.engine.connect() as connection:
        rows = metadata.tables["audit_rows"]
        found = connection.execute(select(rows.c.action).order_by(rows.c.number)).scalars().all()
    assert found[-1] == "database.backed_up"
