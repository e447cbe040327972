"""What an operator does: migrate, init, serve, seed, purge, audit, export (S12, S13)."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete, func, inspect, select, text, update
from typer.testing import CliRunner

from server.__main__ import cli, main
from server.admin.init import set_up
from server.database import Database, migrate
from server.domain import LicenseState, Status
from server.errors import DatabaseError, SettingsError
from server.models import Attempt, AuditRow, Base, Call, Educator, Pin, User
from server.seed.demonstration import ACCOUNTS
from server.services import audit, retention
from server.services.accounts import account_of
from server.settings import (
    DEMO_BOT_CREDENTIAL,
    SECRETS,
    check_settings,
    demo_settings,
    load_settings,
)
from tests.support.elms_service import BOT, Elms, empty_database, fresh_database, running_elms
from tests.support.form_browser import Visitor
from tests.support.paths import PROJECT

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

NUMBER, RIGHT = ACCOUNTS[0].license_number, ACCOUNTS[0].pin or ""


@pytest.fixture
def elms(tmp_path: Path) -> Iterator[Elms]:
    with running_elms(tmp_path) as running:
        yield running


ORDINARY = ("setpriv", "--bounding-set", "-dac_override", "--inh-caps", "-dac_override", "--")
"""Takes from root what lets it write to files that nobody may write to."""


def run(
    *arguments: str, folder: Path, without_privileges: bool = False
) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it."""
    ordinary = ORDINARY if without_privileges and os.geteuid() == 0 else ()
    return subprocess.run(
        [*ordinary, sys.executable, "-m", "server", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )


# -- migrations --------------------------------------------------------------------------------


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


def test_a_file_other_than_a_database_is_one_line_of_error(tmp_path: Path) -> None:
    file = tmp_path / "elms.sqlite3"
    file.write_text("this is no database " * 100)
    answer = run("serve", "--demo", "--database", f"sqlite:///{file}", folder=tmp_path)
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert "not a database" in answer.stderr


# -- init and settings -------------------------------------------------------------------------


def test_init_creates_secrets_readable_by_their_owner_only(tmp_path: Path) -> None:
    answer = run("init", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    file = tmp_path / "elms-server.toml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    settings = load_settings(file)
    check_settings(settings)
    secrets = {
        settings.pepper.get_secret_value(),
        settings.bot_credential.get_secret_value(),
        settings.metrics_credential.get_secret_value(),
    }
    assert len(secrets) == 3
    assert not any(secret in answer.stdout + answer.stderr for secret in secrets)
    again = run("init", folder=tmp_path)
    assert (again.returncode, len(again.stderr.splitlines())) == (1, 1)
    assert load_settings(file).model_dump() == settings.model_dump()


@pytest.mark.parametrize("name", ["pepper", "bot_credential", "metrics_credential"])
@pytest.mark.parametrize("value", ["", "change-me", "demonstration-" + "x" * 40])
def test_a_placeholder_secret_prevents_the_start(name: str, value: str) -> None:
    good: dict[str, Any] = dict.fromkeys(
        ("pepper", "bot_credential", "metrics_credential"), "k3-" * 20
    )
    check_settings(load_settings(**good))
    with pytest.raises(SettingsError, match=name):
        check_settings(load_settings(**(good | {name: value})))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "elms.example"])
def test_the_demonstration_is_not_served_to_a_network(host: str) -> None:
    with pytest.raises(SettingsError):
        check_settings(demo_settings(host=host))


def test_the_service_listens_on_the_local_machine_by_default() -> None:
    assert load_settings().host == "127.0.0.1"


def test_settings_with_typos_are_named(tmp_path: Path) -> None:
    file = tmp_path / "typo.toml"
    file.write_text("prot = 80\n")
    with pytest.raises(SettingsError, match="prot"):
        load_settings(file)
    file.write_text("port = = 80\n")
    with pytest.raises(SettingsError):
        load_settings(file)


def test_secrets_do_not_show_in_settings() -> None:
    assert DEMO_BOT_CREDENTIAL not in repr(demo_settings())


COMMANDS = {
    "serve": ("serve", "--port", "0"),
    "purge": ("purge",),
    "verify-audit": ("verify-audit",),
    "export": ("export", NUMBER),
    "add-user": ("add-user", "otrask", "--name", "Odessa Trask"),
}


def with_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that would run, so that it is the database that stops the command."""
    for name in SECRETS:
        monkeypatch.setenv(f"ELMS_SERVER_{name.upper()}", name[0] * 32)


def fails_in_one_line(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    monkeypatch.setattr(sys, "argv", ["elms-server", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("elms-server: ")
    assert len(printed.err.splitlines()) == 1
    return printed.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve",),
        ("serve", "--settings", "missing.toml"),
        ("serve", "--demo", "--host", "0.0.0.0"),
        ("seed",),
        ("serve", "--demo", "--port", "99999"),
        ("migrate", "no-such-revision", "--demo"),
    ],
)
def test_a_command_that_cannot_run_explains_itself_in_one_line(
    arguments: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    fails_in_one_line(arguments, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PORT", "abc", "setting port"),
        ("HASH_COST__MEMORY_KIB", "1", "setting hash_cost.memory_kib"),
        ("HASH_COST__MEMROY_KIB", "19456", "hash_cost.memroy_kib"),
        ("LIMITS", "many", "limits"),
        ("TIMEZONE", "Mars/Base", "no IANA time zone"),
        ("TIMEZONE", "../etc/passwd", "no IANA time zone"),
        ("LOG_LEVEL", "loud", "setting log_level"),
        ("TLS_KEY", "key.pem", "go together"),
        ("TMIEZONE", "America/Chicago", "ELMS_SERVER_TMIEZONE in the environment is no setting"),
    ],
)
def test_a_wrong_setting_in_the_environment_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"ELMS_SERVER_{name}", value)
    assert why in fails_in_one_line(("serve", "--demo"), monkeypatch, capsys)


def test_a_port_that_is_taken_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = fails_in_one_line(("serve", "--demo", "--port", port), monkeypatch, capsys)
    assert f"127.0.0.1:{port}: Address already in use" in said


@pytest.mark.parametrize(
    ("certificate", "why"), [("missing.pem", "No such file"), ("nonsense.pem", "PEM")]
)
def test_an_unusable_certificate_is_named_before_anything_listens(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    certificate: str,
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nonsense.pem").write_text("this is no certificate\n")
    monkeypatch.setenv("ELMS_SERVER_TLS_CERTIFICATE", certificate)
    monkeypatch.setenv("ELMS_SERVER_TLS_KEY", certificate)
    said = fails_in_one_line(("serve", "--demo", "--port", "0"), monkeypatch, capsys)
    assert certificate in said
    assert why in said


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_database_is_named_and_not_created(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    with_secrets(monkeypatch)
    url = f"sqlite:///{tmp_path / 'missing.sqlite3'}"
    arguments = (*COMMANDS[command], "--database", url)
    assert "elms-server migrate" in fails_in_one_line(arguments, monkeypatch, capsys)
    assert not (tmp_path / "missing.sqlite3").exists()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("version", "why"),
    [("0001", "run: elms-server migrate"), ("9999", "created by a newer server")],
)
def test_a_database_of_another_version_is_not_used(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    version: str,
    why: str,
) -> None:
    with_secrets(monkeypatch)
    with fresh_database(tmp_path) as url:
        database = Database(url)
        with database.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": version})
        database.close()
        arguments = (*COMMANDS[command], "--database", url)
        assert why in fails_in_one_line(arguments, monkeypatch, capsys)


@pytest.mark.parametrize("command", ["serve", "purge", "export", "add-user"])
def test_a_read_only_database_is_named(tmp_path: Path, command: str) -> None:
    set_up(tmp_path / "elms-server.toml", f"sqlite:///{tmp_path / 'elms.sqlite3'}")
    for file in tmp_path.glob("elms.sqlite3*"):
        file.chmod(0o444)
    tmp_path.chmod(0o555)
    answer = run(*COMMANDS[command], folder=tmp_path, without_privileges=True)
    tmp_path.chmod(0o755)
    assert answer.returncode == 1
    assert "readonly database" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_init_that_fails_leaves_nothing_behind_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    nowhere = ("init", "--database", "sqlite:////no/such/elms.sqlite3")
    assert "the folder /no/such" in fails_in_one_line(nowhere, monkeypatch, capsys)
    assert list(tmp_path.iterdir()) == []
    assert "holds new secrets" in CliRunner().invoke(cli, ["init"]).stdout


# -- seed --------------------------------------------------------------------------------------


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
    today, soon = elms.context.today(), elms.settings.expiring_days
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
    elms.clock.move(days=elms.settings.retention.audit_days)
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
    assert "whole: 5 rows" in CliRunner().invoke(cli, ["verify-audit", *shared]).stdout
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
