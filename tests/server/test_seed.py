"""The demonstration's educators: always the same, consistent, and one for every status."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from server.__main__ import cli
from server.database import Database
from server.domain import LicenseState, Status
from server.errors import DatabaseError
from server.models import Base, Educator
from server.services.accounts import account_of
from tests.support.elms_service import Elms, running_elms

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def rows_of(url: str) -> list[Any]:
    database = Database(url)
    with database.read() as session:
        found = [
            tuple(row)
            for name in ("educators", "licenses", "applications", "activities", "letters")
            for row in session.execute(Base.metadata.tables[name].select())
        ]
    database.close()
    return found


def test_the_seed_is_the_same_every_time(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{name}.sqlite3" for name in ("one", "two")]
    for url in urls:
        answer = CliRunner().invoke(cli, ["seed", "--demo", "--database", url])
        assert answer.output.strip() == "49 educators"
    assert rows_of(urls[0]) == rows_of(urls[1])


def test_a_filled_database_is_not_seeded_again(elms: Elms) -> None:
    url = elms.settings.database_url
    answer = CliRunner().invoke(cli, ["seed", "--demo", "--database", url])
    assert isinstance(answer.exception, DatabaseError)


def test_the_seed_has_an_educator_for_everything_a_caller_can_hear(elms: Elms) -> None:
    today, soon = elms.context.today(), 240
    with elms.context.database.read() as session:
        ids = session.scalars(select(Educator.id)).all()
        accounts = [account_of(session, one, today, soon) for one in ids]
    told = [one for one in accounts if one is not None]
    assert len(told) >= 40
    assert {one.application.status for one in told if one.application} == set(Status)
    assert {each.state for one in told for each in one.licenses} == set(LicenseState)
    assert any(one.application is None for one in told)
    assert {one.application.reached for one in told if one.application} == {True, False}


def test_the_dates_of_the_seed_lie_in_2022_and_are_consistent(elms: Elms) -> None:
    with elms.context.database.read() as session:
        for educator in session.scalars(select(Educator)):
            for application in educator.applications:
                assert 3 <= application.submitted.month <= 12
                for later in (application.letter_sent, application.issued):
                    assert later is None or application.submitted <= later <= elms.context.today()
            for each in educator.activities:
                assert each.on.year == 2022
            for held in educator.licenses:
                assert (held.valid_through.month, held.valid_through.day) == (6, 30)
