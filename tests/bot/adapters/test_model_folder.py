"""What lies in a model directory beside the acoustic model, and what may be wrong with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.adapters.model_folder import load_ensemble, read_confidence
from bot.audio.files import read_audio, to_pcm
from bot.errors import ModelError
from bot.hearing.confidence import UNFITTED, Confidence, ConfidenceParameters, Logistic
from bot.hearing.ensemble import Ensemble
from bot.interfaces import Language, Rescored
from bot.types import AudioFrame

pytestmark = pytest.mark.audio


class SilentRescorer:
    """Says nothing of any alternative."""

    identity = "silent"

    def score(
        self,
        utterance: AudioFrame,
        alternatives: Iterable[tuple[str, ...]],
        language: Language | None = None,
    ) -> dict[tuple[str, ...], Rescored]:
        return {}


MODEL = Path("bot") / "models" / "telephone"
DIGITS = ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@pytest.fixture(scope="module")
def embedded(project: Path) -> Ensemble:
    return load_ensemble(project / MODEL)


@pytest.fixture
def copied(project: Path, tmp_path: Path) -> Path:
    """A copy of the embedded model, to be damaged."""
    folder = tmp_path / "model"
    shutil.copytree(project / MODEL, folder)
    return folder


def refused(folder: Path, *, match: str) -> None:
    """Loading it is an error of one line."""
    with pytest.raises(ModelError, match=match) as error:
        load_ensemble(folder)
    assert "\n" not in str(error.value)


def test_the_embedded_model_has_an_independently_trained_second_model(
    embedded: Ensemble, project: Path
) -> None:
    assert embedded.second is not None
    samples = read_audio(project / "audio_fixtures" / "8k" / "license_a.flac").samples
    heard = []
    for member in (embedded.first, embedded.second):
        utterance = member.recognizer.start(DIGITS, 8_000, 1)
        utterance.accept(AudioFrame(to_pcm(samples), 8_000, 0))
        heard.append(utterance.final()[0])
    first, second = heard
    assert first.words == second.words
    assert first.log_likelihood != second.log_likelihood


def test_both_models_have_the_same_fillers_and_come_with_a_spotter(embedded: Ensemble) -> None:
    assert embedded.second is not None
    assert embedded.second.fillers == embedded.first.fillers != ()
    assert embedded.spotter is not None


def test_a_model_without_a_second_folder_runs_alone(copied: Path) -> None:
    found = load_ensemble(copied / "second")
    assert (found.second, found.spotter) == (None, None)


def test_no_second_model_is_loaded_when_a_rescorer_replaces_it(copied: Path) -> None:
    rescorer = SilentRescorer()
    assert load_ensemble(copied, rescorer).second is None
    (copied / "confidence.json").unlink()
    assert load_ensemble(copied, rescorer).second is not None


def test_a_second_model_with_other_words_is_one_line_of_error(copied: Path) -> None:
    words = copied / "second" / "graph" / "words.txt"
    words.write_text(words.read_text("utf-8").replace("seven ", "sever "), "utf-8")
    refused(copied, match="second: its words differ")


def test_an_invalid_second_model_is_one_line_of_error(copied: Path) -> None:
    (copied / "second" / "am" / "final.mdl").unlink()
    refused(copied, match=r"final\.mdl")


def test_a_spotter_with_other_words_is_one_line_of_error(copied: Path) -> None:
    whole = (copied / "spotter.onnx").read_bytes()
    assert whole.count(b" seven ") == 1
    (copied / "spotter.onnx").write_bytes(whole.replace(b" seven ", b" sever "))
    refused(copied, match="spots words that the model lacks: sever")


def test_weights_that_require_a_missing_spotter_are_one_line_of_error(copied: Path) -> None:
    (copied / "spotter.onnx").unlink()
    with pytest.raises(ModelError, match=r"needs spotter\.onnx, which is missing") as raised:
        read_confidence(copied)
    assert "\n" not in str(raised.value)


def test_fitted_weights_are_stored_with_the_model(tmp_path: Path) -> None:
    fitted = (
        '{"number": {"bias": 1, "weights": {"snr": 2}}, "command": {"bias": -1, "weights": {}}}'
    )
    (tmp_path / "confidence.json").write_text(fitted)
    read = read_confidence(tmp_path)
    assert read == Confidence(Logistic(1.0, {"snr": 2.0}), Logistic(-1.0, {}))
    (tmp_path / "confidence.json").write_text(f'{fitted[:-1]}, "both": {fitted}}}')
    assert read_confidence(tmp_path) == replace(read, both=read)
    (tmp_path / "confidence.json").write_text(f'{fitted[:-1]}, "rescored": {fitted}}}')
    assert read_confidence(tmp_path) == replace(read, rescored=read)


def test_a_model_without_fitted_weights_has_those_of_the_first_model(tmp_path: Path) -> None:
    assert read_confidence(tmp_path) == UNFITTED


@pytest.mark.parametrize("fitted", [True, False])
def test_weights_belong_to_the_parameters_of_the_call(copied: Path, fitted: bool) -> None:
    if not fitted:
        (copied / "confidence.json").unlink()
    parameters = ConfidenceParameters(spotted=7.0)
    read = read_confidence(copied, parameters)
    assert read.parameters == parameters
    assert read.both is None or read.both.parameters == parameters
    assert (read.both is not None) == fitted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"number": {"bias": 1, "weights": {}}}',
        '{"number": {"bias": "x", "weights": {}}, "command": {"bias": 1, "weights": {}}}',
        '{"number": {"bias": 1, "weights": {"mood": 1}}, "command": {"bias": 1, "weights": {}}}',
        '{"number": {"bias": 1, "weights": {}}, "command": {"bias": 1, "weights": {}}, '
        '"rescored": {"number": {"bias": 1, "weights": {"mood": 1}}, '
        '"command": {"bias": 1, "weights": {}}}}',
    ],
)
def test_unusable_weights_are_one_line_of_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "confidence.json").write_text(text)
    with pytest.raises(ModelError) as raised:
        read_confidence(tmp_path)
    assert str(tmp_path / "confidence.json") in str(raised.value)
    assert "\n" not in str(raised.value)
