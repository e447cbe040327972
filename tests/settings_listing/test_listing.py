"""The list of settings: values, sources, secrets that stay hidden, and files to start from."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings
from typer.testing import CliRunner

from bot.__main__ import app
from bot.settings import load_settings as load_bot
from server.__main__ import cli
from server.settings import load_settings as load_server
from settings_listing.entries import Entry, entries
from settings_listing.formats import as_json, as_markdown, as_toml
from tests.support.environment import FOR_TESTS

pytestmark = pytest.mark.unit

SERVICES = [
    pytest.param(load_bot, "BACKEND__CREDENTIAL", id="bot"),
    pytest.param(load_server, "PEPPER", id="server"),
]
Load = Callable[..., BaseSettings]


def named(settings: BaseSettings, file: Path | None = None) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries(settings, file)}


def prefix(load: Load) -> str:
    return "ELMS_IVR_" if load is load_bot else "ELMS_SERVER_"


@pytest.mark.parametrize(("load", "secret"), SERVICES)
def test_every_setting_has_a_meaning_and_a_variable_of_its_own(load: Load, secret: str) -> None:
    listed = entries(load())
    assert [entry.name for entry in listed if not entry.meaning] == []
    assert len({entry.variable for entry in listed}) == len(listed) > 30
    assert f"{prefix(load)}{secret}" in {entry.variable for entry in listed if entry.secret}


def test_a_value_states_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bot.toml"
    file.write_text("[turn]\ntimeout_ms = 9000\nmax_nbest = 5\n[hours]\nopens = 07:30:00\n")
    monkeypatch.setenv("ELMS_IVR_TURN__MAX_NBEST", "7")
    monkeypatch.setenv("elms_ivr_recognition_threads", "3")
    monkeypatch.setenv("ELMS_IVR_SLOW", '{"rate_percent": 70}')
    found = named(load_bot(file, out=tmp_path), file)
    assert [(found[name].value, found[name].source, found[name].unit) for name in (
        "turn.timeout_ms", "turn.max_nbest", "recognition_threads", "slow.rate_percent",
        "slow.timeout_ms", "hours.opens", "out", "costs.confirm",
    )] == [
        (9000, str(file), "ms"),
        (7, "ELMS_IVR_TURN__MAX_NBEST", ""),
        (3, "ELMS_IVR_RECOGNITION_THREADS", ""),
        (70, "ELMS_IVR_SLOW", "%"),
        (30000, "default", "ms"),
        ("07:30:00", str(file), ""),
        (str(tmp_path), "option", ""),
        (7.0, "default", "s"),
    ]  # fmt: skip


@pytest.mark.parametrize("secret", ["x", "correct horse battery staple", '"]\n', "0" * 64])
def test_no_list_shows_a_secret(secret: str) -> None:
    url = f"postgresql+psycopg://elms:{'s3same' + secret[:1].strip()}@localhost/elms"
    settings = load_server(
        pepper=SecretStr(f"pepper{secret}"),
        bot_credential=SecretStr(f"pepper{secret}"),
        database_url=url,
    )
    listed = entries(settings)
    for text in (as_json(listed), as_toml(listed), as_markdown(listed), repr(listed)):
        assert f"pepper{secret}" not in text
        assert json.dumps(f"pepper{secret}")[1:-1] not in text
        assert "s3same" not in text
        assert "elms:***@localhost" in text or text == as_markdown(listed)
    shown = {entry.name: entry.shown for entry in listed}
    assert (shown["pepper"], shown["metrics_credential"]) == ("(hidden)", "(not set)")


@pytest.mark.parametrize(("load", "_secret"), SERVICES)
def test_the_example_file_has_the_defaults(
    load: Load, _secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for changed_for_tests in FOR_TESTS:
        monkeypatch.delenv(changed_for_tests, raising=False)
    text = as_toml(entries(load()))
    assert tomllib.loads(re.sub(r"(?m)^\[.*", "", text)) == {}
    file = tmp_path / "all.toml"
    file.write_text(re.sub(r"(?m)^#(\w+ = )", r"\1", text), "utf-8")
    settings = load(file)
    assert settings.model_dump() == load().model_dump()
    assert len(tomllib.loads(file.read_text("utf-8"))) > 7


def test_the_example_file_keeps_changed_values(tmp_path: Path) -> None:
    changed = load_bot(turn={"timeout_ms": 9_000}, hours={"holidays": ["2026-12-25"]})
    file = tmp_path / "changed.toml"
    file.write_text(as_toml(entries(changed)), "utf-8")
    again = load_bot(file)
    assert again.model_dump() == changed.model_dump()


@pytest.mark.parametrize("command", [app, cli])
@pytest.mark.parametrize("form", ["", "--json", "--toml"])
def test_both_commands_list_their_settings(
    command: object, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["settings", *([form] if form else [])]
    done = CliRunner().invoke(command, arguments)  # type: ignore[arg-type]
    assert done.exit_code == 0
    assert "timezone" in done.output
    if form == "--json":
        assert {"name", "value", "default", "unit", "source", "meaning", "variable"} == set(
            json.loads(done.output)[0]
        )
