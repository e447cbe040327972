"""Migrations with data in the tables: from version 0.1.0 up, down, and up again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from server.database import Database, migrate
from tests.support.elms_service import fresh_database

pytestmark = pytest.mark.server

BEFORE, AFTER = "0004", "0006"
TIME = sa.DateTime(timezone=True)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def database(tmp_path: Path, now: datetime) -> Iterator[Database]:
    """The demonstration's people at the version of 0.1.0, with wrong PINs and budgets."""
    with fresh_database(tmp_path) as url:
        opened = Database(url)
        migrate(opened, BEFORE)
        fill(opened, now)
        yield opened
        opened.close()


def utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def tables(database: Database) -> dict[str, sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(database.engine)
    return dict(metadata.tables)


def run(database: Database, statement: Any) -> list[Any]:
    with database.engine.begin() as connection:
        result = connection.execute(statement)
        return list(result.all()) if result.returns_rows else []


def fill(database: Database, now: datetime) -> None:
    tables_before = tables(database)
    attempts, access = tables_before["attempts"], tables_before["phone_access"]
    for index, (owner, hours, result) in enumerate(
        [
            (1, 9, "wrong"),
            (1, 5, "verified"),
            (1, 2, "wrong"),
            (2, 3, "wrong"),
            (None, 1, "unknown"),
        ]
    ):
        row = {
            "call_id": f"call-{index}",
            "number": 1,
            "at": now - timedelta(hours=hours),
            "subject": f"subject-{owner}",
            "educator_id": owner,
            "channel": "telephone",
            "mode": "dtmf",
            "result": result,
        }
        run(database, attempts.insert().values(row))
    cleared = (
        access.update().where(access.c.educator_id == 1).values(cleared_at=now - timedelta(hours=5))
    )
    run(database, cleared)
    run(database, access.update().where(access.c.educator_id == 2).values(lockouts=2))
    started = {
        "overall": (timedelta(minutes=10), 7),
        "withheld": (timedelta(hours=23), 3),
        "caller:old": (timedelta(hours=25), 9),
        "user:1": (timedelta(hours=-500), 2),
        "sign-in:a": (timedelta(minutes=5), 4),
        "sign-in:b": (timedelta(minutes=16), 4),
        "call:empty": (timedelta(hours=1), 0),
    }
    for key, (ago, used) in started.items():
        budget = {"key": key, "window_started": now - ago, "used": used}
        run(database, tables_before["budgets"].insert().values(budget))


def uses(database: Database) -> Counter[str]:
    logged = tables(database)["budget_uses"]
    return Counter(row.key for row in run(database, sa.select(logged.c.key)))


def test_attempts_and_uses_still_count_after_the_migration(
    database: Database, now: datetime
) -> None:
    """Open windows from now on, for nobody knows when within them; wrong PINs as they were."""
    migrate(database, AFTER)
    assert uses(database) == {"overall": 7, "withheld": 3, "user:1": 2, "sign-in:a": 4}
    logged = tables(database)["budget_uses"]
    for (at,) in run(database, sa.select(sa.type_coerce(logged.c.at, TIME))):
        assert utc(at) >= now
    attempts = tables(database)["attempts"]
    found = run(database, sa.select(attempts.c.call_id, attempts.c.outdated).order_by("id"))
    outdated = {row.call_id for row in found if row.outdated}
    assert outdated == {"call-0", "call-1"}
    assert len(found) == 5


def test_the_downgrade_loses_no_attempt_and_no_use(database: Database, now: datetime) -> None:
    migrate(database, AFTER)
    attempts = tables(database)["attempts"]
    shared = [
        {
            "call_id": "call-2",
            "number": number,
            "at": now,
            "subject": f"subject-{owner}",
            "educator_id": owner,
            "channel": "telephone",
            "mode": "dtmf",
            "result": "wrong",
            "outdated": False,
        }
        for number, owner in ((1, 2), (2, 1), (2, 2), (1, 1))
    ]
    run(database, attempts.insert().values(shared))
    before = run(database, attempts_of(database))
    migrate(database, BEFORE)
    attempts = tables(database)["attempts"]
    assert run(database, attempts_of(database)) == before
    numbers = sa.select(attempts.c.number).where(attempts.c.call_id == "call-2").order_by("id")
    assert [row.number for row in run(database, numbers)] == [1, 3, 2, 4, 5]
    with pytest.raises(IntegrityError):
        run(
            database,
            attempts.insert().values({k: shared[0][k] for k in shared[0] if k != "outdated"}),
        )
    budgets = tables(database)["budgets"]
    kept = {row.key: row.used for row in run(database, sa.select(budgets.c.key, budgets.c.used))}
    assert kept == {"overall": 7, "withheld": 3, "user:1": 2, "sign-in:a": 4}
    access = tables(database)["phone_access"]
    cleared = sa.select(access.c.educator_id, access.c.cleared_at, access.c.lockouts)
    rows = {row.educator_id: row for row in run(database, cleared)}
    assert utc(rows[1].cleared_at) == now - timedelta(hours=5)
    assert rows[2].cleared_at is None
    assert rows[2].lockouts == 2
    migrate(database, AFTER)
    assert uses(database) == {"overall": 7, "withheld": 3, "user:1": 2, "sign-in:a": 4}
    assert run(database, attempts_of(database)) == before


def attempts_of(database: Database) -> Any:
    """What no migration may change."""
    attempts = tables(database)["attempts"]
    names = ("id", "call_id", "subject", "educator_id", "channel", "mode", "result")
    return sa.select(
        *(attempts.c[name] for name in names), sa.cast(attempts.c.at, sa.String)
    ).order_by("id")
