"""A database that version 0.1.0 wrote, upgraded; and backups that move between kinds of database.

``tests/data/upgrade/elms-0.1.0.sql`` is what SQLite dumped of a database that the code of that
version (54e3a71) made and served: its invented educators, PINs checked and set, calls, an open
hand-over, a locked telephone, weeks, and a closed day.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.admin.backup import back_up
from server.admin.restore import restore
from server.app import create_app
from server.context import Context, build_context
from server.database import Database, migrate, version_of
from server.models import Base
from server.services import audit
from tests.support.elms_service import BOT, Elms, MovingClock, empty_database, settings_for
from tests.support.form_browser import Visitor
from tests.support.paths import DATA

pytestmark = pytest.mark.server

DUMP = DATA / "upgrade" / "elms-0.1.0.sql"
NUMBER, PIN = "421903", "5827"
CHANGED, OLD_PIN, NEW_PIN = "300715", "9164", "7306"
LOCKED, LOCKED_PIN = "518246", "7093"
NOT_IN_A_BACKUP = {"web_sessions", "call_tokens", "audit_rows", "audit_head"}


def later() -> MovingClock:
    """After all that the old service did."""
    clock = MovingClock()
    clock.move(minutes=15)
    return clock


@contextmanager
def old_database(folder: Path) -> Iterator[Context]:
    """A SQLite file as version 0.1.0 left it, under today's code."""
    file = folder / "old.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(DUMP.read_text("utf-8"))
    context = build_context(settings_for(f"sqlite:///{file}"), later())
    yield context
    context.database.close()


@contextmanager
def empty(url: str) -> Iterator[Context]:
    context = build_context(settings_for(url), later())
    yield context
    context.database.close()


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that a backup keeps, as values that both kinds of database read alike."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in NOT_IN_A_BACKUP
        }


def serve(context: Context) -> Elms:
    clock = later()
    return Elms(create_app(context.settings, clock), context.settings, clock)


def works_as_before(elms: Elms) -> None:
    """PINs, locks, calls, accounts, and the audit chain are what version 0.1.0 left."""
    assert elms.verify(NUMBER, PIN).json()["verified"] is True
    assert elms.verify(CHANGED, OLD_PIN).json()["verified"] is False
    assert elms.verify(CHANGED, NEW_PIN).json()["verified"] is True
    assert elms.verify(LOCKED, LOCKED_PIN).json()["verified"] is False
    told = elms.client.get("/api/v1/service", headers=BOT).json()
    assert (told["renewal_week"], told["other_week"]) == ("2022-11-28", "2022-11-21")
    assert "2022-12-19" in told["holidays"]
    staff = Visitor(elms)
    staff.sign_in("representative")
    assert "Continue this call" in staff.get("/desk").text
    page = staff.get("/calls/old-1").text
    assert "asked for the license number." in page
    assert "Yes, license number 421903" in page
    with elms.context.database.read() as session:
        chain = audit.verify_chain(session)
    assert chain.broken_at is None


def test_a_database_of_0_1_0_is_upgraded_in_place(tmp_path: Path) -> None:
    with old_database(tmp_path) as context:
        assert version_of(context.database) == "0004"
        migrate(context.database)
        elms = serve(context)
        works_as_before(elms)
        elms.context.database.close()


def test_its_backup_moves_to_another_kind_of_database_and_back(tmp_path: Path) -> None:
    """On PostgreSQL (scripts/with_postgres), SQLite to PostgreSQL to SQLite."""
    with old_database(tmp_path) as old, empty_database(tmp_path) as url, empty(url) as moved:
        restore(moved, back_up(old, tmp_path / "old.jsonl.gz"))
        migrate(old.database)
        before = contents(old.database)
        assert contents(moved.database) == before
        again = tmp_path / "again.sqlite3"
        with empty(f"sqlite:///{again}") as back:
            restore(back, back_up(moved, tmp_path / "moved.jsonl.gz"))
            assert contents(back.database) == before
        elms = serve(moved)
        works_as_before(elms)
        elms.context.database.close()
