"""What an operator does: migrate, init, serve, seed, purge, audit, export (S12, S13)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from typer.testing import CliRunner

from server.__main__ import cli
from server.models import Attempt, AuditRow, Call
from server.seed.demonstration import ACCOUNTS
from server.services import audit, retention
from tests.support.elms_service import BOT, Elms, running_elms
from tests.support.form_browser import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


# -- the audit chain ---------------------------------------------------------------------------


def some_rows(elms: Elms) -> None:
    for pin in ("1357", RIGHT, "1357"):
        elms.verify(NUMBER, pin)


def verified(elms: Elms) -> audit.ChainReport:
    with elms.context.database.read() as session:
        return audit.verify_chain(session)


def test_the_chain_is_intact_after_use(elms: Elms) -> None:
    some_rows(elms)
    assert verified(elms).broken_at is None
    assert verified(elms).rows == 4


@pytest.mark.parametrize("damage", ["change", "remove", "cut the end", "change the head"])
def test_damage_is_found_at_its_row(elms: Elms, damage: str) -> None:
    some_rows(elms)
    with elms.context.database.write() as session:
        if damage == "change":
            session.execute(update(AuditRow).where(AuditRow.number == 2).values(facts={}))
        elif damage == "remove":
            session.execute(delete(AuditRow).where(AuditRow.number == 2))
        elif damage == "cut the end":
            session.execute(delete(AuditRow).where(AuditRow.number == 4))
        else:
            row = session.get_one(AuditRow, 4)
            row.actor = "somebody else"
            row.digest = audit.link(session.get_one(AuditRow, 3).digest, row)
    expected = {"change": 2, "remove": 2, "cut the end": 4, "change the head": 5}
    assert verified(elms).broken_at == expected[damage]


def test_audit_rows_describe_actions_and_contain_no_secret(elms: Elms) -> None:
    some_rows(elms)
    record = {
        "call_id": "call-1",
        "started_utc": "2022-12-05T16:00:00Z",
        "line": "text",
        "duration_ms": 1,
        "outcome": {"outcome": "completed", "reason": "goodbye"},
        "turns": [
            {
                "field": "license_number",
                "attempt": 1,
                "result": "match",
                "start_ms": 0,
                "end_ms": 1,
                "mode": "voice",
                "confidence": 0.83,
                "value": NUMBER,
            }
        ],
    }
    elms.client.put("/api/v1/calls/call-1", json=record, headers=BOT)
    with elms.context.database.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.number)).all()
    assert rows[-1].facts == {
        "outcome": "completed",
        "verified": False,
        "modes": ["voice"],
        "confidence": "0.8-0.9",
    }
    assert {row.facts.get("mode") for row in rows[1:4]} == {"dtmf"}
    text = json.dumps([row.facts for row in rows])
    for secret in (RIGHT, "1357", NUMBER, "argon2"):
        assert secret not in text


# -- retention and export ----------------------------------------------------------------------


def test_purging_removes_what_is_old_and_keeps_the_chain_whole(elms: Elms) -> None:
    some_rows(elms)
    elms.clock.move(days=100)
    some_rows(elms)
    purged = retention.purge(elms.context)
    assert (purged.attempts, purged.audit_rows) == (3, 0)
    elms.clock.move(days=2_555)
    assert retention.purge(elms.context).audit_rows == 4
    assert verified(elms).broken_at is None
    with elms.context.database.read() as session:
        assert session.scalars(select(Attempt)).all() == []


def test_purging_never_shortens_a_window_of_attempts(elms: Elms) -> None:
    for _ in range(4):
        elms.verify(NUMBER, "1357")
    retention.purge(elms.context)
    elms.verify(NUMBER, "1357")
    assert not elms.verify(NUMBER, RIGHT).json()["verified"]


def test_a_mail_after_a_purge_replaces_no_earlier_one(elms: Elms) -> None:
    """SQLite gives a number again once the last row that had it is gone."""
    for _ in range(2):
        for _ in range(5):
            elms.verify(NUMBER, "1357")
        elms.clock.move(days=400)
        retention.purge(elms.context)
    assert len(list(elms.settings.mail.folder.glob("*.eml"))) == 2


def test_an_export_has_the_record_and_no_secret(elms: Elms) -> None:
    some_rows(elms)
    visitor = Visitor(elms)
    visitor.sign_in(NUMBER)
    visitor.submit("/pin", "/pin", pin="7306", again="7306")
    record = retention.export(elms.context, NUMBER)
    text = json.dumps(record)
    assert record["educator"]["license_number"] == NUMBER
    assert len(record["pin_checks"]) == 3
    assert record["telephone"]["pin_set_at"]
    actions = [row["action"] for row in record["audit"]]
    checks = ["pin.checked"] * 3
    assert actions == [*checks, "sign-in.succeeded", "pin.changed", "record.exported"]
    assert [notice["kind"] for notice in record["notices"]] == ["pin-changed"]
    assert record["web_account"]["username"] == NUMBER
    for secret in ("argon2", RIGHT, "7306", "digest", "token", "csrf"):
        assert secret not in text


def test_the_commands_export_verify_and_purge(elms: Elms) -> None:
    some_rows(elms)
    url = elms.settings.database_url
    shared = ["--demo", "--database", url]
    exported = CliRunner().invoke(cli, ["export", NUMBER, *shared])
    assert json.loads(exported.stdout)["educator"]["license_number"] == NUMBER
    assert "is intact: 5 rows" in CliRunner().invoke(cli, ["verify-audit", *shared]).stdout
    assert "Removed" in CliRunner().invoke(cli, ["purge", *shared]).stdout
    with elms.context.database.write() as session:
        session.execute(update(AuditRow).where(AuditRow.number == 2).values(actor="x"))
    assert "row 2" in str(CliRunner().invoke(cli, ["verify-audit", *shared]).exception)


def test_a_purge_removes_calls_with_their_turns(elms: Elms) -> None:
    record = {
        "call_id": "call-1",
        "started_utc": "2021-01-01T16:00:00Z",
        "line": "text",
        "duration_ms": 1,
        "outcome": {"outcome": "completed", "reason": "goodbye"},
        "turns": [{"field": "menu", "attempt": 1, "result": "noinput", "start_ms": 0, "end_ms": 1}],
    }
    elms.client.put("/api/v1/calls/call-1", json=record, headers=BOT)
    assert retention.purge(elms.context).calls == 1
    with elms.context.database.read() as session:
        assert session.scalars(select(Call)).all() == []


# -- people ------------------------------------------------------------------------------------


def added(elms: Elms, *more: str, password: str = "a long enough one") -> Any:
    arguments = ["add-user", *more, "--name", "Odessa Trask", "--demo"]
    arguments += ["--database", elms.settings.database_url]
    return CliRunner().invoke(cli, arguments, input=f"{password}\n{password}\n")


def test_a_person_of_the_department_is_added_and_signs_in(elms: Elms) -> None:
    assert "can sign in as supervisor" in added(elms, "otrask", "--role", "supervisor").output
    visitor = Visitor(elms)
    assert visitor.sign_in("otrask", "a long enough one").url.path == "/desk"
    assert "a long enough one" not in added(elms, "second").output


@pytest.mark.parametrize(
    ("more", "password", "why"),
    [
        (("short",), "eleven char", "at least 12"),
        (("representative",), "a long enough one", "already exists"),
        (("421904", "--role", "educator"), "a long enough one", "cannot be added here"),
    ],
)
def test_a_person_who_cannot_be_added_is_refused_with_the_reason(
    elms: Elms, more: tuple[str, ...], password: str, why: str
) -> None:
    assert why in str(added(elms, *more, password=password).exception)
