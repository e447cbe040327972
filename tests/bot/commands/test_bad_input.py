"""Whatever a command is given, it ends in one clear line and a non-zero exit, never a traceback."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from bot.calls.call import EndedCall
from bot.calls.trace import Trace
from bot.demo_backend import DemoBackend
from bot.elms.call_page_wording import WORDING
from bot.errors import GrammarError, SettingsError
from bot.records import CallRecord
from bot.replay import pool
from bot.reports.call_files import write_call
from bot.resources import PROJECT
from bot.settings import load_settings
from bot.types import CallOutcome
from tests.support.processes import run_module

pytestmark = pytest.mark.audio

BROKEN = PROJECT / "audio_fixtures" / "broken"
KEYS_ALONE = PROJECT / "tests" / "data" / "replay" / "keys_alone.yaml"
READABLE = (
    "clipped.flac",
    "digital_silence.flac",
    "odd_length.wav",
    "right_only.flac",
    "stereo_44100.flac",
)


def fault(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str | Path
) -> str:
    """Run a command in this process; it must fail with this one line."""
    monkeypatch.setattr(sys, "argv", ["elms-ivr", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("elms-ivr: ")
    return lines[0]


# -- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("toml", "names"),
    [
        ("tunr = 1\n", "tunr"),
        ("[turn]\ntimeout_sm = 3\n", "turn.timeout_sm"),
        ("[turn]\ntimeout_ms = 'soon'\n", "turn.timeout_ms"),
        ("[turn]\ntimeout_ms = -1\n", "turn.timeout_ms"),
        ("[hours]\nopens = 18:00:00\n", "hours"),
        (
            "[license_number]\nalphabet = '12AB'\n",
            "license_number.alphabet: use at least two digits",
        ),
        ("[speech]\nengine = 'siri'\n", "speech.engine"),
        ("model = [\n", "settings"),
    ],
)
@pytest.mark.parametrize("command", ["demo", "text", "say"])
def test_a_settings_file_with_a_mistake_is_named_before_anything_starts(
    command: str,
    toml: str,
    names: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("ELMS_IVR_SPEECH__ENGINE")  # of tests/conftest.py; it goes before the file
    file = tmp_path / "elms-ivr.toml"
    file.write_text(toml)
    assert names in fault(capsys, monkeypatch, command, "--settings", file)


@pytest.mark.parametrize(
    ("variable", "value", "names"),
    [
        ("ELMS_IVR_TURN__TIMEOUT_SM", "3", "did you mean ELMS_IVR_TURN__TIMEOUT_MS?"),
        ("ELMS_IVR_TRUN__TIMEOUT_MS", "3", "did you mean ELMS_IVR_TURN__TIMEOUT_MS?"),
        ("ELMS_IVR_GRAMMAR", "here", "did you mean ELMS_IVR_GRAMMARS?"),
        ("elms_ivr_modle", "x", "elms_ivr_modle is not a setting; did you mean ELMS_IVR_MODEL?"),
        ("ELMS_IVR_ZZZ", "1", "ELMS_IVR_ZZZ is not a setting"),
        ("ELMS_IVR_TURN__TIMEOUT_MS", "soon", "turn.timeout_ms"),
        ("ELMS_IVR_TURN", "{", "turn"),
        ("ELMS_IVR_COSTS__AGAIN", "-1", "costs.again"),
        ("ELMS_IVR_COSTS__CONFIRM", "21", "confirm must cost less than again"),
        ("ELMS_IVR_COSTS__WASTED_PIN", "5", "every PIN is spent as it is heard"),
        ("ELMS_IVR_PROMPTS", "/nowhere", "/nowhere"),
    ],
)
def test_a_wrong_environment_variable_is_named(
    variable: str,
    value: str,
    names: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(variable, value)
    assert names in fault(capsys, monkeypatch, "say")


def test_a_missing_settings_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in (tmp_path, tmp_path / "missing.toml"):
        assert str(place) in fault(capsys, monkeypatch, "text", "--settings", place)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("say", "menu.aks"), "did you mean menu.ask?"),
        (("mic", "--rate", "12345"), "--rate 12345: use one of 8000"),
        (("grammar", "parse", "menue", "one"), "grammar file menue.grxml does not exist"),
    ],
)
def test_a_typing_error_is_named(
    arguments: tuple[str, ...],
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert complaint in fault(capsys, monkeypatch, *arguments)


def test_an_invalid_time_is_named_before_the_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "yesterday" in fault(capsys, monkeypatch, "text", "--at", "yesterday")


# -- grammars, prompts and models that a call would need ---------------------------------------


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("<grammar", "pin.grxml"),
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "pin.grxml"),
        (
            '<grammar xmlns="http://www.w3.org/2001/06/grammar" version="1.0" mode="voice"'
            ' xml:lang="en-US" root="pin">'
            '<rule id="pin" scope="public"><ruleref uri="#nowhere"/></rule></grammar>',
            "nowhere",
        ),
    ],
)
def test_a_wrong_grammar_ends_the_command_with_its_file(
    content: str,
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "pin.grxml").write_text(content)
    monkeypatch.setenv("ELMS_IVR_GRAMMARS", str(tmp_path))
    file = PROJECT / "audio_fixtures" / "8k" / "one.flac"
    assert complaint in fault(capsys, monkeypatch, "recognize", "--grammar", "pin", file)


def test_a_prompt_with_an_unknown_slot_kind_ends_the_command_with_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "common.yaml").write_text("status.date: It is {day:weather}.\n")
    monkeypatch.setenv("ELMS_IVR_PROMPTS", str(tmp_path))
    assert "status.date" in fault(capsys, monkeypatch, "say")


@pytest.mark.parametrize("command", [("text",), ("demo",), ("replay", KEYS_ALONE)])
@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("{number:digits}", "{numbr:digits}", "license_number.confirm: there is no slot numbr"),
        ("pin.help:", "pin.hlep:", "missing prompts: pin.help"),
    ],
)
def test_no_call_starts_with_a_prompt_that_cannot_be_spoken(
    command: tuple[str | Path, ...],
    right: str,
    wrong: str,
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(PROJECT / "prompts", tmp_path / "prompts")
    login = tmp_path / "prompts" / "login.yaml"
    login.write_text(login.read_text("utf-8").replace(right, wrong), "utf-8")
    monkeypatch.setenv("ELMS_IVR_PROMPTS", str(tmp_path / "prompts"))
    assert complaint in fault(capsys, monkeypatch, *command)


@pytest.mark.parametrize("name", ["ELMS_IVR_MODEL", "ELMS_IVR_GRAMMARS"])
def test_no_replay_starts_with_an_output_folder_of_other_files(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, str(tmp_path))
    out = tmp_path / "out"
    assert str(tmp_path) in fault(capsys, monkeypatch, "replay", KEYS_ALONE, "--out", out)
    assert not out.exists()


def test_a_worker_that_cannot_start_leaves_no_backend_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    left: list[DemoBackend] = []

    class Watched(DemoBackend):
        def __exit__(self, *ended: Any) -> None:
            super().__exit__(*ended)
            left.append(self)

    monkeypatch.setattr(pool, "DemoBackend", Watched)
    with pytest.raises(GrammarError):
        pool._Worker(load_settings(grammars=tmp_path), None, None)
    (backend,) = left
    assert backend._process is not None
    assert backend._process.poll() is not None


@pytest.mark.parametrize("name", ["ELMS_IVR_MODEL", "ELMS_IVR_GRAMMARS", "ELMS_IVR_PROMPTS"])
def test_no_call_starts_with_an_output_folder_of_other_files(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, str(tmp_path))
    assert str(tmp_path) in fault(capsys, monkeypatch, "text")


def test_a_level_requires_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--log" in fault(capsys, monkeypatch, "--level", "debug", "costs")


# -- places to write to ------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["a file", "a file/below", "/proc/elms"])
def test_results_that_cannot_be_written_stop_a_replay_before_its_first_call(
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "a file").touch()
    script = PROJECT / "tests" / "data" / "replay" / "keys_alone.yaml"
    out = tmp_path / place
    assert str(out) in fault(capsys, monkeypatch, "replay", script, "--out", out)


def test_a_folder_where_the_report_goes_stops_a_replay_before_its_first_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "junit.xml").mkdir()
    script = PROJECT / "tests" / "data" / "replay" / "keys_alone.yaml"
    assert "junit.xml is a folder" in fault(
        capsys, monkeypatch, "replay", script, "--out", tmp_path
    )


def test_a_folder_where_the_page_goes_stops_a_comparison_before_it_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = ("bot/models/telephone", "bot/models/telephone")
    assert f"{tmp_path} is a folder" in fault(
        capsys, monkeypatch, "model", "compare", *models, tmp_path, "--page", tmp_path
    )


def test_a_call_that_cannot_be_saved_names_the_folder(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    record = CallRecord(
        "c1", "2022-06-14T14:00:00Z", "recording", 0, CallOutcome("hangup", "x"), ()
    )
    with pytest.raises(SettingsError, match="a file"):
        write_call(EndedCall(record, Trace(), None), tmp_path / "a file", WORDING)


def test_a_prompt_cannot_be_written_to_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert str(tmp_path) in fault(capsys, monkeypatch, "say", "goodbye.goodbye", "--out", tmp_path)


# -- recordings --------------------------------------------------------------------------------

CALLER = """\
name: {name}
turns:
  - audio: {file}
  - hangup: true
expect:
  outcome: hangup
"""


def test_every_broken_recording_fails_its_call_and_every_unusual_one_is_a_turn(
    tmp_path: Path,
) -> None:
    calls = tmp_path / "calls"
    calls.mkdir()
    for file in (one for one in BROKEN.iterdir() if one.suffix in {".wav", ".flac"}):
        (calls / f"{file.name}.yaml").write_text(CALLER.format(name=file.name, file=file))
    ran = run_module(
        "bot", "replay", calls, "--out", tmp_path / "out", "--jobs", "1", folder=tmp_path
    )
    assert ran.returncode == 1
    lines = (tmp_path / "out" / "results.jsonl").read_text().splitlines()
    errors = {one["name"]: one["error"] for one in map(json.loads, lines)}
    assert len(errors) >= 15
    for name, error in errors.items():
        if name in READABLE:
            assert error is None, name
        else:
            assert name in error
            assert "\n" not in error


def test_tone_detection_and_recognition_of_broken_recordings_are_one_line_of_error_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted(one for one in BROKEN.iterdir() if one.suffix in {".wav", ".flac"})
    bad = [str(one) for one in files if one.name not in READABLE]
    for command in (["tones"], ["recognize", "--grammar", "menu"]):
        monkeypatch.setattr(sys, "argv", ["elms-ivr", *command, *map(str, files)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        said = capsys.readouterr()
        for file in bad:
            assert sum(file in line for line in said.err.splitlines()) == 1, file
        for name in READABLE:
            assert sum(name in line for line in said.out.splitlines()) == 1, name
