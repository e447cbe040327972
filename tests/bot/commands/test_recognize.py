"""elms-ivr recognize: one line for each recording, whatever the recordings are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner
from typer.testing import Result as Ran

from bot.audio.files import read_audio, resample, write_wav
from bot.commands import recognize as command
from bot.commands.grammar_argument import least_sure
from bot.errors import IvrError
from bot.evaluation.file_recognition import FileRecognition
from bot.records import Timing
from bot.settings import load_settings
from bot.turn.collect import Collected
from bot.types import Interpretation, Match, Properties
from tests.support.fakes import FakeDetector, alone
from tests.support.scripted_turn import active

pytestmark = pytest.mark.audio

SIX_DIGITS = "digits?length=6"
VALUE = "421903"
CHANGES_TO_KEYS = "license_a_spoken_and_keyed"

app = typer.Typer()
app.command()(command.recognize)


def run(*arguments: str | Path) -> Ran:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def lines(ran: Ran) -> list[dict[str, object]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.fixture
def fixtures(project: Path) -> Path:
    return project / "audio_fixtures"


def test_a_recording_is_one_object_with_every_field(fixtures: Path) -> None:
    ran = run("--grammar", SIX_DIGITS, "--jsonl", fixtures / "8k/license_a.flac")
    assert ran.exit_code == 0
    (found,) = lines(ran)
    assert list(found) == [
        "file",
        "result",
        "value",
        "utterance",
        "confidence",
        "mode",
        "speech_ms",
        "reply_after_ms",
    ]
    assert (found["result"], found["value"], found["mode"]) == ("match", VALUE, "voice")
    assert found["utterance"] == "four two one nine oh three"
    assert isinstance(found["confidence"], float)
    assert isinstance(found["reply_after_ms"], int)
    assert found["reply_after_ms"] < 1_000


def test_without_jsonl_each_line_is_readable_text(fixtures: Path) -> None:
    ran = run("--grammar", SIX_DIGITS, fixtures / "8k/license_a.flac")
    assert VALUE in ran.stdout
    assert "four two one nine oh three" in ran.stdout


def test_any_rate_with_one_or_two_channels_is_recognized(fixtures: Path, tmp_path: Path) -> None:
    audio = read_audio(fixtures / "16k/license_a.flac")
    paths = []
    for rate in (8_000, 11_025, 16_000, 44_100, 48_000):
        mono = resample(audio.samples, audio.rate, rate)
        for name, samples in (("mono", mono), ("stereo", np.stack([mono, 0 * mono], 1))):
            paths.append(tmp_path / f"{name}_{rate}.wav")
            write_wav(paths[-1], samples, rate)
    found = lines(run("--grammar", SIX_DIGITS, "--jsonl", *paths))
    assert {one["file"]: one["value"] for one in found} == {str(path): VALUE for path in paths}


def test_silence_is_a_noinput_and_an_entry_outside_the_grammar_a_nomatch(fixtures: Path) -> None:
    silent = fixtures / "broken/digital_silence.flac"
    ran = run("--grammar", "digits?length=9", "--jsonl", silent, fixtures / "8k/license_a.flac")
    assert [one["result"] for one in lines(ran)] == ["noinput", "nomatch"]
    assert all(one["value"] is None for one in lines(ran))


@pytest.mark.parametrize(("level", "result"), [(0.5, "match"), (0.7, "nomatch")])
def test_below_the_confidence_level_nothing_is_a_match(level: float, result: str) -> None:
    unsure = Match((Interpretation("two", "2", 0.6, "voice", "menu"),))
    collected = Collected(unsure, Timing(0, 900, None, 200, 500, 240))
    recognition = FileRecognition(
        alone(),
        FakeDetector(),
        active("menu.grxml"),
        Properties(),
        least_sure=lambda grammar: {"menu": level}[grammar],
    )
    assert recognition.report("a.wav", collected).result == result


@pytest.mark.parametrize(
    ("grammar", "least"),
    [("license_number", 0.35), ("digits", 0.35), ("pin", 0.96), ("menu", 0.5), ("universals", 0.5)],
)
def test_the_default_confidence_level_is_that_of_a_call(grammar: str, least: float) -> None:
    assert least_sure(grammar, load_settings(), None) == pytest.approx(least, abs=0.01)
    assert least_sure(grammar, load_settings(), 0.2) == 0.2


def test_bad_files_are_one_line_of_error_each_and_the_others_are_recognized(fixtures: Path) -> None:
    bad = [
        fixtures / "broken/truncated.wav",
        fixtures / "broken/not_audio.wav",
        Path("nowhere.wav"),
    ]
    ran = run("--grammar", SIX_DIGITS, "--jsonl", bad[0], fixtures / "8k/license_a.flac", *bad[1:])
    assert ran.exit_code == 1
    assert [one["value"] for one in lines(ran)] == [VALUE]
    errors = ran.stderr.splitlines()
    assert len(errors) == len(bad)
    assert all(str(path) in error for path, error in zip(bad, errors, strict=True))
    assert "Traceback" not in ran.output


def test_many_files_are_distributed_and_reported_in_order(
    fixtures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "FILES_PER_PROCESS", 2)
    files = [fixtures / "8k/license_a.flac", fixtures / "broken/empty.wav"] * 3
    ran = run("--grammar", SIX_DIGITS, "--jsonl", *files)
    assert [one["file"] for one in lines(ran)] == [str(files[0])] * 3
    assert len(ran.stderr.splitlines()) == 3


def test_keys_in_a_recording_are_an_entry_and_can_follow_words(fixtures: Path) -> None:
    files = [fixtures / f"8k/{name}.flac" for name in ("keys_license_a", CHANGES_TO_KEYS)]
    found = lines(run("--grammar", SIX_DIGITS, "--jsonl", *files))
    assert [(one["value"], one["mode"]) for one in found] == [(VALUE, "dtmf"), (VALUE, "mixed")]
    assert [one["speech_ms"] is None for one in found] == [True, False]
    keyed, mixed = run("--grammar", SIX_DIGITS, *files).stdout.splitlines()
    assert "keyed" in keyed and "of speech" not in keyed
    assert "spoken and keyed" in mixed


def test_a_recording_that_could_mislead_causes_a_warning(fixtures: Path) -> None:
    ran = run("--grammar", SIX_DIGITS, "--jsonl", fixtures / "broken/right_only.flac")
    assert ran.exit_code == 0
    assert "the left channel is silent" in ran.stderr
    assert [one["result"] for one in lines(ran)] == ["noinput"]


def test_several_grammars_listen_at_once(fixtures: Path) -> None:
    caller = fixtures / "8k/license_a.flac"
    ran = run("--grammar", "menu", "--grammar", SIX_DIGITS, "--jsonl", caller)
    assert lines(ran)[0]["value"] == VALUE


def test_an_unknown_grammar_is_one_line_of_error(fixtures: Path) -> None:
    ran = run("--grammar", "nonsense", fixtures / "8k/license_a.flac")
    assert isinstance(ran.exception, IvrError)
    assert "nonsense" in str(ran.exception)


def test_a_license_number_has_the_length_in_the_settings(fixtures: Path) -> None:
    bare = run("--grammar", "license_number", "--jsonl", fixtures / "8k/license_a.flac")
    whole = run("--grammar", SIX_DIGITS, "--jsonl", fixtures / "8k/license_a.flac")
    keys = ("value", "reply_after_ms")
    assert [lines(bare)[0][key] for key in keys] == [lines(whole)[0][key] for key in keys]
