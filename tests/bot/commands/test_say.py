"""`elms-ivr say` from the outside: a prompt to a file, and every wrong call in one line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import soundfile
import typer
from typer.testing import CliRunner

from bot.__main__ import main
from bot.commands.say import say
from bot.errors import AudioError, DeviceError, IvrError, PromptError
from bot.synthesis.engine_spec import EngineSpec

pytestmark = pytest.mark.audio

app = typer.Typer()
app.command("say")(say)


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where to write to; the speech cache is this test's own, and a caller would not wait."""
    monkeypatch.setenv("ELMS_IVR_SPEECH__CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ELMS_IVR_SPEECH__PATIENCE_MS", "1")
    return ["--out", str(tmp_path / "said.wav")]


def test_a_prompt_is_written_as_a_caller_hears_it(arguments: list[str]) -> None:
    asked = ["license_number.confirm", "number=042190", "--rate", "16000", *arguments]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0
    assert result.output.strip() == "I heard 042 190. Is that right?"
    written = soundfile.info(arguments[-1])
    assert (written.samplerate, written.channels, written.subtype) == (16_000, 1, "PCM_16")
    assert 4 < written.duration < 10


def test_a_voice_that_fails_has_an_exit_status_of_its_own(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By which the server says "try again", and not that the text was wrong."""
    failing = EngineSpec("tests.support.speech_engines:Absent", {}, "absent")
    monkeypatch.setattr("bot.commands.say.speech_engine", lambda _: failing)
    monkeypatch.setattr(sys, "argv", ["elms-ivr", "say", "goodbye.goodbye", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 75


def test_several_prompts_are_heard_as_one_in_edited_words(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server asks for before weeks or hours are saved."""
    monkeypatch.setenv("ELMS_IVR_HOURS__OPENS", "09:00")
    monkeypatch.setenv("ELMS_IVR_HOURS__WEEKDAYS", "[0, 2]")
    edited = json.dumps({"status.queue_renewal": ["Renewals of {week:date}."]})
    asked = ["status.queue_renewal", "week=2022-11-28", "office.hours", "--changes", "-", "--heard"]
    result = CliRunner().invoke(app, [*asked, *arguments], input=edited)
    assert result.exit_code == 0, result.output
    assert result.output.strip() == (
        "Renewals of November twenty-eighth, twenty twenty-two. Representatives answer on "
        "Monday and Wednesday, from nine in the morning to five thirty in the afternoon, "
        "Central time."
    )
    assert 5 < soundfile.info(arguments[-1]).duration < 12


def test_without_a_prompt_all_are_listed_with_their_slots() -> None:
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0
    assert "license_number.confirm number=digits" in result.output.splitlines()


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [("menu.aks", "did you mean menu.ask?"), ("zzz", "`elms-ivr say` lists all")],
)
def test_an_unknown_prompt_is_named_with_a_similar_one(wrong: str, hint: str) -> None:
    result = CliRunner().invoke(app, [wrong])
    assert isinstance(result.exception, PromptError)
    assert hint in str(result.exception)


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (["license_number.confirm"], "slot number has no value"),
        (["license_number.confirm", "number=12x"], "requires digits only"),
        (["license_number.confirm", "color=red"], "give slot=value, as in: license_number.confirm"),
        (["license_number.confirm", "number"], "give slot=value"),
        (["status.EXPIRING", "valid_through=June"], "not a date, such as 2022-09-27"),
    ],
)
def test_wrong_slots_are_named(arguments: list[str], asked: list[str], complaint: str) -> None:
    result = CliRunner().invoke(app, [*asked, *arguments])
    assert isinstance(result.exception, PromptError)
    assert complaint in str(result.exception)


def test_a_file_that_cannot_be_written_is_named(arguments: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["goodbye.goodbye", "--out", str(tmp_path / "no" / "a.wav")])
    assert isinstance(result.exception, AudioError)


def test_a_missing_voice_is_named(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELMS_IVR_SPEECH__VOICE", "gmw/nowhere")
    result = CliRunner().invoke(app, ["goodbye.goodbye", *arguments])
    assert isinstance(result.exception, IvrError)
    assert "espeak-ng has no voice gmw/nowhere" in str(result.exception)


def test_without_a_file_the_prompt_is_played_or_the_missing_device_is_named(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[int] = []

    def no_device(*_: object) -> None:
        played.append(1)
        raise DeviceError("no usable loudspeaker")

    monkeypatch.setattr("bot.commands.say.play", no_device)
    result = CliRunner().invoke(app, ["goodbye.goodbye"])
    assert isinstance(result.exception, DeviceError)
    assert played == [1]
