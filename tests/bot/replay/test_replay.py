"""The replay command: a folder of recorded callers through the real parts, and its reports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.bootstrap import words_of
from bot.replay import pool
from bot.settings import load_settings
from tests.support.environment import AS_SHIPPED
from tests.support.paths import DATA, PROJECT
from tests.support.processes import ended

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1_800)]

SCRIPTS = DATA / "replay"
COMMAND = (sys.executable, "-m", "bot", "replay")

EXPECTS_TOO_MUCH = """\
name: A script that expects a menu after the hangup
turns:
  - hangup: true
    during_prompt_ms: 100
  - keys: "4"
    expect: {field: menu, value: goodbye}
expect:
  outcome: completed
  spoken: [being reviewed]
"""

HOLDS = """\
name: A caller who leaves at once
turns:
  - hangup: true
    during_prompt_ms: 100
expect:
  outcome: hangup
"""


@dataclass(frozen=True)
class Ran:
    """An ended command and the folder of its reports."""

    code: int
    stdout: str
    stderr: str
    out: Path

    @property
    def results(self) -> dict[str, dict[str, object]]:
        """By the name of the script file."""
        lines = (self.out / "results.jsonl").read_text().splitlines()
        return {Path(one["script"]).name: one for one in map(json.loads, lines)}

    @property
    def suite(self) -> ElementTree.Element:
        suite = ElementTree.parse(self.out / "junit.xml").find(".//testsuite")
        assert suite is not None
        return suite


def replay(out: Path, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> Ran:
    ran = subprocess.run(
        [*COMMAND, *map(str, arguments), "--out", str(out)],
        cwd=out.parent,
        env={**os.environ, **(environment or {}), "PYTHONPATH": str(PROJECT), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ran.stdout + ran.stderr
    return Ran(ran.returncode, ran.stdout, ran.stderr, out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The whole folder, once."""
    return replay(tmp_path_factory.mktemp("replay") / "out", SCRIPTS, environment=AS_SHIPPED)


@pytest.mark.parametrize("script", sorted(SCRIPTS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_the_recorded_caller_is_served_as_the_script_expects(folder: Ran, script: Path) -> None:
    result = folder.results[script.name]
    assert result["error"] is None
    assert result["failures"] == []


def test_a_passing_folder_succeeds_with_a_complete_report(folder: Ran) -> None:
    count = len(list(SCRIPTS.rglob("*.yaml")))
    assert folder.code == 0, folder.stdout
    assert f"{count} of {count} calls as expected" in folder.stdout
    assert len(folder.results) == count
    suite = folder.suite
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        str(count),
        "0",
        "0",
    )


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Of three calls, one is as expected, one is not, and one cannot be made."""
    folder = tmp_path_factory.mktemp("mixed")
    calls = folder / "calls"
    calls.mkdir()
    (calls / "not_audio.wav").write_bytes(b"this is no audio" * 100)
    unreadable = HOLDS.replace("hangup: true\n    during_prompt_ms: 100", "audio: not_audio.wav")
    (calls / "a_unreadable.yaml").write_text(unreadable)
    (calls / "b_too_much.yaml").write_text(EXPECTS_TOO_MUCH)
    (calls / "c_holds.yaml").write_text(HOLDS)
    return replay(folder / "out", calls, "--jobs", "1", "--keep")


def test_a_failed_expectation_is_reported_by_name_and_the_others_continue(mixed: Ran) -> None:
    assert mixed.code == 1
    assert "outcome is hangup (caller left at license_number), expected completed" in mixed.stdout
    assert mixed.results["c_holds.yaml"]["failures"] == []
    failures = mixed.results["b_too_much.yaml"]["failures"]
    assert isinstance(failures, list)
    assert failures[1:] == [
        "“being reviewed” was not said",
        "turn 2 (line 5): the call ended before this turn",
    ]
    (failed,) = [case for case in mixed.suite.iter("testcase") if case.find("failure") is not None]
    assert failed.get("name") == "A script that expects a menu after the hangup"
    for ending in ("wav", "json", "html"):
        assert (mixed.out / f"calls-c_holds.{ending}").stat().st_size > 0


def test_an_unreadable_recording_fails_its_own_call_only(mixed: Ran) -> None:
    assert "not_audio.wav" in str(mixed.results["a_unreadable.yaml"]["error"])
    assert mixed.results["c_holds.yaml"]["error"] is None
    assert mixed.suite.get("errors") == "1"


def test_an_invalid_script_is_one_line_of_error_and_no_call_is_made(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HOLDS)
    (tmp_path / "b.yaml").write_text(HOLDS.replace("during_prompt_ms", "during_promt_ms"))
    ran = replay(tmp_path / "out", tmp_path)
    assert ran.code == 1
    assert ran.stderr == (
        f"elms-ivr: {tmp_path / 'b.yaml'}:4: turn 1: unknown name 'during_promt_ms'; "
        "did you mean during_prompt_ms?\n"
    )
    assert not (tmp_path / "out").exists()


def test_an_invalid_database_is_one_line_of_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HOLDS)
    database = tmp_path / "callers.sqlite3"
    missing = f"{database}: cannot read the callers' database (No such file or directory)"
    other = f"{database} is not a SQLite file; name the callers' database"
    for content, said in ((None, missing), ("hello", other)):
        if content is not None:
            database.write_text(content)
        ran = replay(tmp_path / "out", tmp_path, "--database", str(database))
        assert ran.code == 1
        assert ran.stderr == f"elms-ivr: {said}\n"
        assert not (tmp_path / "out").exists()


def test_an_interrupted_run_stops_with_one_line_and_no_process_left(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.yaml").write_text(HOLDS)
    results = tmp_path / "out" / "results.jsonl"
    results.parent.mkdir()
    os.mkfifo(results)
    process = subprocess.Popen(
        [*COMMAND, str(tmp_path), "--out", str(tmp_path / "out"), "--jobs", "1"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with ended(process), results.open() as lines:
        lines.readline()
        os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate()
    assert process.returncode == 130
    assert stderr.count("\n") == 1
    assert "elms-ivr: stopped; " in stderr
    assert not list(tmp_path.glob("elms-*")), "a backend's folder is left"


@pytest.mark.parametrize("ignored", [True, False])
def test_workers_ignore_ctrl_c_where_the_command_does(
    ignored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell's background command ignores it, and its calls go on."""
    monkeypatch.setattr(pool, "_words", [])
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_IGN if ignored else signal.default_int_handler)
    try:
        pool._begin(words_of(load_settings()))
        assert (signal.getsignal(signal.SIGINT) is signal.SIG_IGN) == ignored
    finally:
        signal.signal(signal.SIGINT, before)
