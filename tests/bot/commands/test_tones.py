"""elms-ivr tones: keys with their times; a broken file is one line and a non-zero exit."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.commands.tones import tones
from tests.support.paths import FIXTURES

pytestmark = pytest.mark.unit


app = typer.Typer()
app.command()(tones)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_keys_are_printed_with_their_times() -> None:
    result = run(str(FIXTURES / "8k" / "keys_two.flac"))
    assert result.exit_code == 0
    assert result.stdout == f"{FIXTURES / '8k' / 'keys_two.flac'}: 2  (2@300-395 ms)\n"


def test_a_file_without_keys_says_so() -> None:
    result = run(str(FIXTURES / "8k" / "license_a.flac"))
    assert (result.exit_code, result.stdout.split(": ")[-1]) == (0, "no keys\n")


def test_jsonl_prints_one_object_for_each_file() -> None:
    files = [str(FIXTURES / "8k" / f"{name}.flac") for name in ("keys_license_a", "silence")]
    rows = [json.loads(line) for line in run("--jsonl", *files).stdout.splitlines()]
    assert [row["file"] for row in rows] == files
    assert [row["keys"] for row in rows] == ["421903", ""]
    assert [tone["key"] for tone in rows[0]["tones"]] == list("421903")


@pytest.mark.parametrize(
    "name",
    ["empty.wav", "truncated.wav", "truncated.flac", "not_audio.wav", "gone.wav"],
)
def test_a_broken_file_is_one_line_of_error_and_the_others_are_read(name: str) -> None:
    good = FIXTURES / "8k" / "keys_one.flac"
    result = run(str(FIXTURES / "broken" / name), str(good))
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{good}: 1")
    assert len(result.stderr.splitlines()) == 1
    assert name in result.stderr and "Traceback" not in result.stderr


def test_a_warning_does_not_fail_the_command() -> None:
    result = run(str(FIXTURES / "broken" / "clipped.flac"))
    assert result.exit_code == 0
    assert "clipped" in result.stderr
