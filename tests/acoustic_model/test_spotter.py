"""The spotter: what it is told of a word, what it learns, and its file."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from rich.progress import Progress

torch = pytest.importorskip("torch", reason="the acoustic extra is not installed")
pytest.importorskip("onnxscript", reason="the acoustic extra is not installed")

from acoustic_model.data.corpus import Corpus, CorpusWriter  # noqa: E402
from acoustic_model.errors import ModelFileError, TrainingError  # noqa: E402
from acoustic_model.export.export import Costs, to_nnet3, write_model  # noqa: E402
from acoustic_model.export.fillers import with_all_fillers  # noqa: E402
from acoustic_model.lexicon.lexicon import UNKNOWN, WORDS, lexicon  # noqa: E402
from acoustic_model.pipeline import VOCABULARY, TinySizes  # noqa: E402
from acoustic_model.spotting.export import write_spotter  # noqa: E402
from acoustic_model.spotting.network import SPOTTED, FilterBanks, Head, Spotter, highest  # noqa: E402
from acoustic_model.spotting.training import SpottingRecipe, SpottingRun, targets  # noqa: E402
from acoustic_model.training.batches import Load  # noqa: E402
from acoustic_model.training.features import fbank  # noqa: E402
from acoustic_model.training.loader import Feeder  # noqa: E402
from acoustic_model.training.network import Network, Shape  # noqa: E402
from acoustic_model.training.run import Progress as Done  # noqa: E402
from acoustic_model.training.sampler import SPOTTING, WEIGHTS, Mix, Mixer  # noqa: E402
from acoustic_model.training.warm_start import network_of  # noqa: E402
from acoustic_model.voices.prepare import plan, prepare_voices  # noqa: E402
from tests.support.full_disk import room_for  # noqa: E402
from tests.support.paths import PROJECT  # noqa: E402

pytestmark = pytest.mark.acoustic

SHIPPED = PROJECT / "bot" / "models" / "telephone"
TONES = ("one", "two", "three", "yes")
RECIPE = SpottingRecipe(
    rounds=2, hardness=0.1, load=Load(round_frames=1500, batch_frames=800), learning_rate=3e-3
)


def tone(number: int, low: bool = True) -> np.ndarray[Any, np.dtype[np.int16]]:
    """The word of that number, half a second."""
    pitch = (200 if low else 260) * (number + 1)
    seconds = np.arange(4000) / 8000
    return np.asarray(6000 * np.sin(2 * np.pi * pitch * seconds), np.int16)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two speakers whose words are tones, and a sentence of noise."""
    folder = tmp_path_factory.mktemp("corpus") / "tones"
    with CorpusWriter(folder) as writer:
        for speaker in ("low", "high"):
            for number, word in enumerate(TONES):
                audio = tone(number, speaker == "low")
                writer.add(audio, (word,), speaker, "tones", "CC0 1.0", "word", (word,))
            noise = np.random.default_rng(1).normal(0, 2000, 24_000).astype(np.int16)
            writer.add(
                *(noise, ("no", UNKNOWN), speaker, "tones", "CC0 1.0", "sentence"), ("no", "hello")
            )
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model that was never trained."""
    folder = tmp_path_factory.mktemp("models") / "model"
    torch.manual_seed(3)
    shape = Shape(front=12, width=32, bottleneck=8, back=(1, 2), ahead=(1, 0))
    net = to_nnet3(Network(lexicon().pdfs, shape))
    write_model(folder, net, with_all_fillers(lexicon()), Costs())
    return folder


def run(folder: Path, model: Path, corpus: Path, stop_after: int = 99, **changed: Any) -> Any:
    """Trains, or goes on; ends like a killed run after so many rounds."""

    def report(progress: Done) -> None:
        if progress.number + 1 == stop_after:
            raise KeyboardInterrupt

    recipe = replace(RECIPE, **changed)
    training = SpottingRun(folder, recipe, model, "cpu")
    training.resume()
    with contextlib.suppress(KeyboardInterrupt):
        feeder = Feeder((corpus,), frozenset(), recipe.seed, recipe.load, recipe.mix)
        training.train(feeder, 0, report)
    return training


def weights(training: SpottingRun) -> Any:
    return torch.cat([value.flatten() for value in training.head.parameters()]).detach()


def test_its_filter_banks_are_those_the_model_was_trained_on() -> None:
    audio = np.cumsum(np.random.default_rng(0).normal(0, 300, 8_123)).astype(np.float32)
    found = FilterBanks()(torch.from_numpy(audio))[:, 0]
    assert np.abs(found.numpy() - fbank(audio)).max() < 1e-3


def test_the_network_of_a_model_has_its_shape_and_its_scores(tmp_path: Path) -> None:
    torch.manual_seed(5)
    shape = Shape(front=12, width=16, bottleneck=4, back=(1, 3), ahead=(1, 0))
    before = Network(lexicon().pdfs, shape).eval()
    write_model(tmp_path / "m", to_nnet3(before), with_all_fillers(lexicon()), Costs())
    after = network_of(tmp_path / "m", lexicon())
    assert after.shape == shape
    features = torch.rand(50, 1, 40) * 15
    torch.testing.assert_close(after(features), before(features), atol=2e-3, rtol=1e-3)


def named(chosen: Any) -> set[str]:
    """The words whose places are true."""
    return {word for word, is_chosen in zip(SPOTTED, chosen.tolist(), strict=True) if is_chosen}


def test_spoken_words_are_spotted_and_others_are_not() -> None:
    there, known = targets([("yes", "please", "elephant")], [()])
    assert named(there[0] > 0) == {"yes", "please"}
    assert known.all()


def test_words_that_may_be_in_a_piece_carry_no_target() -> None:
    there, known = targets([()], [("go", "elephant", "no")])
    assert not there.any()
    assert named(known[0] == 0) == {"go", "no"}


def test_recordings_without_a_transcript_carry_no_target() -> None:
    _, known = targets([("yes",), (UNKNOWN,)], [(), ()])
    assert known[0].all()
    assert not known[1].any()


def test_it_spots_every_word_except_the_unknown_word() -> None:
    assert tuple(word for word in WORDS if word != UNKNOWN) == SPOTTED


def test_the_highest_score_comes_from_the_utterance_and_not_from_its_padding() -> None:
    scores = torch.tensor([[[1.0, 2.0, 9.0]], [[1.0, 2.0, 9.0]]])
    assert highest(scores, torch.tensor([2, 3])).tolist() == [[2.0], [9.0]]


def test_only_the_spotter_gets_sentences_cut_to_the_length_of_a_word(corpus: Path) -> None:
    rng = np.random.default_rng(2)
    spotting = Mixer([Corpus.open(corpus)], mix=Mix({"sentence": 1.0}, cut=1.0))
    for piece in (spotting.draw(rng) for _ in range(20)):
        assert (piece.words, piece.perhaps) == ((), ("no", "hello"))
        assert 0.3 <= len(piece.audio) / 8000 <= 1.5
    training = Mixer([Corpus.open(corpus)])
    assert all(training.draw(rng).perhaps == () for _ in range(50))


def test_it_draws_from_the_groups_of_training() -> None:
    assert set(SPOTTING) <= set(WEIGHTS)
    assert sum(SPOTTING.values()) == pytest.approx(1.0)


def test_it_learns_to_distinguish_words(tmp_path: Path) -> None:
    """Single words of a synthetic voice, seen through the layers of the shipped model."""
    with Progress(disable=True) as bar:
        prepare_voices(plan(1, 7, TinySizes().voices), VOCABULARY, tmp_path / "voices", bar)
    mix = Mix({"synthetic word": 1.0})
    trained = run(
        tmp_path / "run", SHIPPED, tmp_path / "voices", rounds=15, load=Load(6_000, 400), mix=mix
    )
    spotter = Spotter(trained.network, trained.head.eval())
    voices = Corpus.open(tmp_path / "voices")
    words = [one for one in voices.utterances if len(one.spoken) == 1 and one.spoken[0] in SPOTTED]
    first = [spotted_first(spotter, voices.audio(one)) == one.spoken[0] for one in words]
    assert len(first) >= 10
    assert sum(first) >= 0.9 * len(first)


def spotted_first(spotter: Spotter, audio: Any) -> str:
    odds = spotter(torch.from_numpy(audio.astype(np.float32)))
    return SPOTTED[int(odds.argmax())]


def test_a_stopped_and_resumed_run_ends_like_an_uninterrupted_one(
    tmp_path: Path, corpus: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("acoustic_model.spotting.training._SAVE_EVERY_S", 0.0)
    unbroken = run(tmp_path / "a", model, corpus, rounds=3)
    stopped = run(tmp_path / "b", model, corpus, stop_after=2, rounds=3)
    assert stopped.next_round == 2
    resumed = run(tmp_path / "b", model, corpus, rounds=3)
    assert resumed.next_round == 3
    torch.testing.assert_close(weights(resumed), weights(unbroken))


def test_the_layers_of_the_model_are_unchanged(tmp_path: Path, corpus: Path, model: Path) -> None:
    before = network_of(model, lexicon()).state_dict()
    after = run(tmp_path, model, corpus).network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_damaged_checkpoint_and_a_full_disk_are_one_clear_error(
    tmp_path: Path, corpus: Path, model: Path
) -> None:
    trained = run(tmp_path, model, corpus)
    whole = trained.checkpoint.read_bytes()
    with room_for(1_000), pytest.raises(TrainingError, match="File too large"):
        trained.save()
    assert trained.checkpoint.read_bytes() == whole
    trained.checkpoint.write_bytes(whole[:500])
    with pytest.raises(TrainingError, match="damaged"):
        run(tmp_path, model, corpus)


@pytest.fixture(scope="module")
def untrained() -> Spotter:
    torch.manual_seed(4)
    shape = Shape(front=12, width=32, bottleneck=8, back=(1, 2), ahead=(1, 0))
    spotter = Spotter(Network(lexicon().pdfs, shape), Head(32))
    spotter.eval()
    return spotter


def test_its_exported_file_scores_audio_of_every_length_as_it_does(
    tmp_path: Path, untrained: Spotter
) -> None:
    path = tmp_path / "spotter.onnx"
    write_spotter(path, untrained)
    session = onnxruntime.InferenceSession(str(path))
    assert session.get_modelmeta().custom_metadata_map["words"].split() == list(SPOTTED)
    rng = np.random.default_rng(1)
    for samples in (200, 281, 1_000, 8_000, 48_000):
        audio = np.cumsum(rng.normal(0, 300, samples)).astype(np.float32)
        (found,) = session.run(None, {"samples": audio})
        with torch.no_grad():
            expected = untrained(torch.from_numpy(audio)).numpy()
        assert found == pytest.approx(expected, abs=0.02)


def test_its_weights_take_two_bytes_each(tmp_path: Path, untrained: Spotter) -> None:
    write_spotter(tmp_path / "spotter.onnx", untrained)
    numbers = sum(each.numel() for each in untrained.parameters())
    assert (tmp_path / "spotter.onnx").stat().st_size < 2.2 * numbers + 30_000


def test_its_exported_file_names_no_path_of_the_machine_that_made_it(
    tmp_path: Path, untrained: Spotter
) -> None:
    write_spotter(tmp_path / "spotter.onnx", untrained)
    written = (tmp_path / "spotter.onnx").read_bytes()
    assert b".py" not in written
    assert str(tmp_path).encode() not in written


def test_a_full_disk_leaves_the_earlier_file(tmp_path: Path, untrained: Spotter) -> None:
    path = tmp_path / "spotter.onnx"
    path.write_bytes(b"before")
    with (
        pytest.MonkeyPatch.context() as patched,
        pytest.raises(ModelFileError, match="cannot be written") as raised,
    ):
        patched.setattr("acoustic_model.spotting.export.write_whole", _full)
        write_spotter(path, untrained)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == b"before"


def _full(_path: Path, _data: bytes) -> None:
    raise OSError(28, "No space left on device")
