"""elms-server's commands: secrets, settings, and every fault in one line."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from server.__main__ import cli, main
from server.admin.init import set_up
from server.database import Database
from server.errors import SettingsError
from server.seed.demonstration import ACCOUNTS
from server.settings import (
    DEMO_BOT_CREDENTIAL,
    SECRETS,
    check_settings,
    demo_settings,
    load_settings,
)
from tests.support.elms_service import fresh_database
from tests.support.paths import PROJECT

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]

NUMBER = ACCOUNTS[0].license_number
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


def test_a_file_other_than_a_database_is_one_line_of_error(tmp_path: Path) -> None:
    file = tmp_path / "elms.sqlite3"
    file.write_text("this is no database " * 100)
    answer = run("serve", "--demo", "--database", f"sqlite:///{file}", folder=tmp_path)
    assert answer.returncode == 1
    assert len(answer.stderr.splitlines()) == 1
    assert "not a database" in answer.stderr


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
        ("TIMEZONE", "Mars/Base", "not an IANA time zone"),
        ("TIMEZONE", "../etc/passwd", "not an IANA time zone"),
        ("LOG_LEVEL", "loud", "setting log_level"),
        ("TLS_KEY", "key.pem", "go together"),
        ("TMIEZONE", "America/Chicago", "ELMS_SERVER_TMIEZONE in the environment is not a setting"),
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


def test_a_failed_init_leaves_no_files_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    nowhere = ("init", "--database", "sqlite:////no/such/elms.sqlite3")
    assert "the folder /no/such" in fails_in_one_line(nowhere, monkeypatch, capsys)
    assert list(tmp_path.iterdir()) == []
    assert "holds new secrets" in CliRunner().invoke(cli, ["init"]).stdout


def test_only_serve_imports_the_pages() -> None:
    """They are most of what a command would import."""
    loading = "import sys, server.__main__, server.admin.commands; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", loading], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.split())
    assert "server.services.staff" in loaded
    assert not {"fastapi", "uvicorn", "jinja2", "server.app"} & loaded
