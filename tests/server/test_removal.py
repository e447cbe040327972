"""One educator removed: nothing of them is left but audit rows, and all of the others is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from server.__main__ import cli
from server.models import AuditRow, Base, Educator
from server.seed.demonstration import ACCOUNTS
from server.services import audit, removal
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = pytest.mark.server

GONE, STAYS = ACCOUNTS[1].license_number, ACCOUNTS[0].license_number
PIN = ACCOUNTS[1].pin or ""
OPERATIONAL = {"audit_rows", "audit_head", "alembic_version", "budgets", "budget_uses"}
"""Chained rows that have no names, and counts under keyed digests that end by themselves."""


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


def rows(elms: Elms) -> dict[str, list[dict[str, Any]]]:
    """Every table but the operational ones."""
    with elms.context.database.read() as session:
        return {
            name: [dict(row._mapping) for row in session.execute(select(table))]
            for name, table in Base.metadata.tables.items()
            if name not in OPERATIONAL
        }


def calls(elms: Elms, number: str) -> None:
    """A call of this educator with a note, and a call-back that it ended with."""
    outcome = {"outcome": "transferred", "reason": "asked", "verified": True}
    record = {
        "call_id": f"call-{number}",
        "started_utc": elms.clock.now.isoformat(),
        "line": "recording",
        "duration_ms": 30_000,
        "outcome": outcome | {"license_number": number},
        "turns": [],
        "handover": {"reason": "asked", "license_number": number, "verified": True},
        "call_back": {"number": "6625550117", "earliest": "08:00", "latest": "10:00"},
    }
    stored = elms.client.put(f"/api/v1/calls/call-{number}", json=record, headers=BOT)
    assert stored.status_code == 204, stored.text


def test_a_removal_leaves_nothing_of_its_educator_and_everything_of_the_others(elms: Elms) -> None:
    for number in (GONE, STAYS):
        calls(elms, number)
    Visitor(elms).sign_in(GONE)
    elms.verify(GONE, PIN)
    desk = Visitor(elms)
    desk.sign_in("representative")
    desk.submit(f"/calls/call-{GONE}/notes", note="Asked for a copy.")
    with elms.context.database.read() as session:
        gone = session.scalars(select(Educator).where(Educator.license_number == GONE)).one()
        gone_id, name, email = gone.id, gone.name, gone.email
    before = rows(elms)
    assert removal.remove_educator(elms.context, GONE) == removal.Removed(calls=1, call_backs=1)
    after = rows(elms)
    everything = repr(after)
    assert [each for each in (GONE, name, email, "Asked for a copy.") if each in everything] == []
    assert [
        (table, row)
        for table, kept in after.items()
        for row in kept
        if row.get("educator_id") == gone_id
    ] == []
    others = {table: [row for row in kept if row in after[table]] for table, kept in before.items()}
    assert after == others
    assert f"call-{STAYS}" in everything


def test_a_removal_is_recorded_and_the_chain_stays_intact(elms: Elms) -> None:
    elms.verify(GONE, PIN)
    removal.remove_educator(elms.context, GONE)
    with elms.context.database.read() as session:
        newest = session.scalars(select(AuditRow).order_by(AuditRow.number.desc())).first()
        assert newest is not None
        assert (newest.actor, newest.action) == ("operator", "record.removed")
        assert newest.facts == {"calls": 0, "call_backs": 0}
        assert audit.verify_chain(session).broken_at is None


@pytest.mark.parametrize(
    ("number", "again", "says"),
    [
        (GONE, GONE, f"{GONE} is removed. Calls removed with it: 0; call-backs: 0."),
        (GONE, STAYS, "the two license numbers differ; nothing was removed"),
        ("999999", "999999", "there is no such educator"),
    ],
)
def test_the_command_asks_for_the_number_twice(
    elms: Elms, number: str, again: str, says: str
) -> None:
    url = elms.context.settings.database_url
    asked = ["remove-educator", number, "--demo", "--database", url]
    result = CliRunner().invoke(cli, asked, input=f"{again}\n")
    assert says in result.output + str(result.exception)
    with elms.context.database.read() as session:
        is_left = session.scalar(select(Educator.id).where(Educator.license_number == GONE))
    assert (is_left is None) is ("is removed" in says)
