"""The wheel and the sdist work outside the checkout: calls, pages, grammars, prompts, models."""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.installation import run, succeeded
from tests.support.processes import ended

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("installed")]

SHIPPED = {
    "bot/shipped/grammars/digits.grxml",
    "bot/shipped/grammars/menu.dtmf.grxml",
    "bot/shipped/prompts/common.yaml",
    "bot/shipped/prompts/status.yaml",
    "bot/shipped/audio_fixtures/8k/license_a.flac",
    "bot/models/telephone/am/final.mdl",
    "bot/models/telephone/second/am/final.mdl",
    "bot/models/telephone/confidence.json",
    "bot/reports/assets/call.html.j2",
    "bot/synthesis/recordings/apology.flac",
    "server/templates/base.html",
    "server/static/elms.css",
    "server/migrations/script.py.mako",
    "server/migrations/versions/0001_first_tables.py",
}


PACKAGES = {"bot", "server", "settings_listing"}


def names(wheel: Path) -> dict[str, int]:
    """Its files and their checksums."""
    with zipfile.ZipFile(wheel) as opened:
        return {each.filename: each.CRC for each in opened.infolist()}


def test_the_wheel_holds_what_a_call_needs(built: Path) -> None:
    (wheel,) = (built / "wheel").glob("*.whl")
    held = names(wheel).keys()
    assert held >= SHIPPED
    assert {name.split("/")[0] for name in held if ".dist-info" not in name} == PACKAGES


def test_the_sdist_makes_the_same_wheel(built: Path) -> None:
    (direct,) = (built / "wheel").glob("*.whl")
    (indirect,) = (built / "wheel-of-sdist").glob("*.whl")
    assert names(indirect) == names(direct)


def test_the_sdist_holds_what_developers_need(built: Path) -> None:
    (sdist,) = (built / "sdist").glob("*.tar.gz")
    with tarfile.open(sdist) as opened:
        held = {name.split("/", 1)[-1] for name in opened.getnames()}
    assert held >= {"Makefile", "README.md", "requirements/dev.txt", "tests/conftest.py"}
    assert [name for name in held if name.startswith((".git/", ".venv", "out/"))] == []


def test_the_commands_come_from_the_installation(env: Path, tmp_path: Path) -> None:
    asked = "import bot, server; print(bot.__file__, server.__file__)"
    places = succeeded(run(env / "python", "-c", asked, folder=tmp_path)).split()
    assert [Path(place).is_relative_to(env.parent) for place in places] == [True, True]


@pytest.mark.parametrize("command", ["elms-ivr", "elms-server"])
def test_both_commands_print_their_version(command: str, env: Path, tmp_path: Path) -> None:
    assert succeeded(run(env / command, "--version", folder=tmp_path)) == f"{command} 0.1.0\n"


def test_a_recorded_call_is_answered(env: Path, tmp_path: Path) -> None:
    shown = succeeded(run(env / "elms-ivr", "demo", folder=tmp_path))
    assert shown.count(", verified.") == 2
    assert (tmp_path / "out" / "demo-spoken-pin.html").is_file()


def test_a_typed_call_is_answered(env: Path, tmp_path: Path) -> None:
    typed = "421903\n5827\n5\n"
    shown = succeeded(run(env / "elms-ivr", "text", folder=tmp_path, stdin=typed))
    words = " ".join(shown.split())
    assert "Thank you for calling" in words
    assert "You can say status, activity, renewal or goodbye." in words


def test_grammars_and_models_are_complete(env: Path, tmp_path: Path) -> None:
    succeeded(run(env / "elms-ivr", "grammar", "check", folder=tmp_path))


def test_the_pages_are_served(env: Path, tmp_path: Path) -> None:
    with ended(
        subprocess.Popen(
            [env / "elms-server", "serve", "--demo", "--port", "0"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
        )
    ) as process:
        assert process.stdout is not None
        address = next(word for word in process.stdout.readline().split() if "://" in word)
        pages = [_read(address + path) for path in ("/sign-in", "/static/elms.css")]
    assert "<form" in pages[0]
    assert "{" in pages[1]


def _read(address: str) -> str:
    with urlopen(address) as answer:
        return str(answer.read().decode())
