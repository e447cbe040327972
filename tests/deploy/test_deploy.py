"""The files of deploy/: units that systemd takes, whose commands run, and that are locked in."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.__main__ import cli
from tests.support.paths import PROJECT

pytestmark = pytest.mark.system

DEPLOY = PROJECT / "deploy"
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
JOBS = ["elms-backup", "elms-purge", "elms-verify-audit"]
MOST_EXPOSED = 2.0


class Unit(configparser.RawConfigParser):
    """A unit file; of a key that is there several times, the last value."""

    def __init__(self, file: Path) -> None:
        super().__init__(strict=False, interpolation=None)
        self.read_string(file.read_text("utf-8"))

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def arguments(name: str) -> list[str]:
    """What a unit calls elms-server with."""
    command = Unit(DEPLOY / "systemd" / f"{name}.service")["Service"]["ExecStart"].split()
    assert command[0] == "/opt/elms/bin/elms-server"
    return command[1:]


@pytest.fixture
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        pytest.skip("systemd-analyze is not here (Debian: systemd)")
    return found


def test_every_job_has_a_service_and_a_timer() -> None:
    assert [file.stem for file in TIMERS] == JOBS
    assert [file.stem for file in SERVICES] == ["elms-backup", "elms-ivr", "elms-purge",
                                                "elms-server", "elms-verify-audit"]  # fmt: skip


def test_systemd_accepts_the_units(analyze: str, tmp_path: Path) -> None:
    for file in [*SERVICES, *TIMERS]:
        text = re.sub(r"/opt/elms/bin/elms-\w+", sys.executable, file.read_text("utf-8"))
        (tmp_path / file.name).write_text(text, "utf-8")
    units = [str(tmp_path / file.name) for file in [*SERVICES, *TIMERS]]
    done = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "elms-" in line]
    assert (done.returncode, said) == (0, [])


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.stem)
def test_a_unit_is_sandboxed(file: Path, analyze: str) -> None:
    done = subprocess.run(
        [analyze, "security", "--offline=yes", "--no-pager", str(file)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found is not None
    assert float(found[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("file", TIMERS, ids=lambda file: file.stem)
def test_a_timer_fires_every_night(file: Path, analyze: str) -> None:
    when = Unit(file)["Timer"]["OnCalendar"]
    done = subprocess.run([analyze, "calendar", when], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Next elapse" in done.stdout


def test_the_jobs_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings, backups = tmp_path / "elms-server.toml", tmp_path / "backups"
    backups.mkdir()
    made = CliRunner().invoke(cli, ["init"])
    assert made.exit_code == 0, made.output
    places = {
        "/etc/elms/elms-server.toml": str(settings),
        "/var/lib/elms/backups": str(backups),
    }
    for job in JOBS:
        called = [places.get(argument, argument) for argument in arguments(job)]
        done = CliRunner().invoke(cli, called)
        assert done.exit_code == 0, (job, done.output, done.exception)
    assert len(list(backups.iterdir())) == 1


def test_the_service_starts_with_the_command_of_its_unit() -> None:
    name, *options = arguments("elms-server")
    assert name == "serve"
    assert options == ["--settings", "/etc/elms/elms-server.toml"]


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_a_proxy_keeps_the_api_and_the_metrics_inside(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    assert "127.0.0.1:8022" in text
    for inside in ("/api/", "/metrics", "/ready"):
        assert inside in text
    assert 'trusted_proxies = ["127.0.0.1/32"]' in text


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("nginx is not here (Debian: nginx)")
    text = re.sub(r"ssl_certificate.*", "", (DEPLOY / "nginx.conf").read_text("utf-8"))
    text = text.replace("443 ssl", "8443").replace(":80;", ":8081;").replace(" 80;", " 8080;")
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"events {{}}\nhttp {{\n{text}\n}}\n", "utf-8")
    done = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", str(whole)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "syntax is ok" in done.stderr


def test_the_image_installs_only_hashed_packages() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    lists = [line for line in text.splitlines() if "-r /tmp/requirements" in line]
    assert len(lists) == 3
    assert text.count("--require-hashes --no-deps") == 3
    assert "USER elms" in text
