"""The tables: what migrations make of them, and databases of other versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, inspect, select

from server.database import Database, migrate
from server.errors import DatabaseError
from server.models import Base, Educator, Pin, User
from tests.support.elms_service import empty_database, fresh_database

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]


def test_the_migrations_create_exactly_the_models(tmp_path: Path) -> None:
    with empty_database(tmp_path) as url:
        database = Database(url)
        migrate(database)
        with database.engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        database.close()


def test_every_migration_goes_down_and_up_again(tmp_path: Path) -> None:
    with empty_database(tmp_path) as url:
        database = Database(url)
        migrate(database)
        full = set(inspect(database.engine).get_table_names())
        migrate(database, "0001")
        migrate(database, "base")
        assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
        migrate(database)
        assert set(inspect(database.engine).get_table_names()) == full
        database.close()


def test_going_down_one_step_keeps_the_rows(tmp_path: Path) -> None:
    with fresh_database(tmp_path) as url:
        database = Database(url)
        migrate(database, "0001")
        migrate(database)
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(Educator)) == 49
        database.close()


def test_hashes_stored_without_their_cost_get_it(tmp_path: Path) -> None:
    with fresh_database(tmp_path) as url:
        database = Database(url)

        def costs() -> list[tuple[Any, ...]]:
            statements = (
                select(Pin.educator_id, Pin.cost).order_by(Pin.educator_id),
                select(User.id, User.password_cost).order_by(User.id),
            )
            with database.read() as session:
                return [tuple(row) for each in statements for row in session.execute(each)]

        before = costs()
        assert {cost for _, cost in before} == {"$argon2id$v=19$m=8,t=1,p=1", None}
        migrate(database, "0002")
        migrate(database)
        assert costs() == before
        database.close()


def test_a_database_of_another_version_is_named(tmp_path: Path) -> None:
    with empty_database(tmp_path) as url:
        database = Database(url)
        migrate(database, "0001")
        with pytest.raises(DatabaseError, match=r"version 0001.*elms-server migrate"):
            database.ping()
        database.close()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///",
        "sqlite:////no/such/folder/elms.sqlite3",
        "nonsense",
        "mysql://localhost/elms",
        "postgresql+psycopg://elms@127.0.0.1:1/elms",
    ],
)
def test_an_unusable_database_is_one_line_of_error(url: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        Database(url).ping()
    assert "\n" not in str(caught.value)
