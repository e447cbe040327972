"""The spotter of the embedded model, as the service runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.model_folder import SPOTTER
from bot.adapters.spotter_onnx import OnnxSpotter
from bot.audio.files import read_audio, resample, to_pcm
from bot.errors import ModelError, RecognitionError
from bot.types import AudioFrame

pytestmark = pytest.mark.audio

MODEL = Path("bot") / "models" / "telephone"


@pytest.fixture(scope="module")
def spotter(project: Path) -> OnnxSpotter:
    return OnnxSpotter(project / MODEL / SPOTTER)


def caller(project: Path, name: str, rate: int = 16_000) -> AudioFrame:
    """A recorded caller of audio_fixtures, at this rate."""
    audio = read_audio(project / "audio_fixtures" / "16k" / f"{name}.flac")
    return AudioFrame(to_pcm(resample(audio.samples, audio.rate, rate)), rate, 0)


@pytest.mark.parametrize(
    "name", ["yes", "no", "help", "repeat", "representative", "goodbye", "slower", "stop", "five"]
)
def test_a_spoken_word_scores_above_all_others(
    project: Path, spotter: OnnxSpotter, name: str
) -> None:
    found = spotter.spot(caller(project, name))
    assert max(found, key=lambda word: found[word]) == name
    assert found[name] > 0


def test_two_spoken_words_are_both_spotted(project: Path, spotter: OnnxSpotter) -> None:
    found = spotter.spot(caller(project, "start_over"))
    assert min(found["start"], found["over"]) > 0 > found["yes"]


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 48_000])
def test_it_spots_equally_well_at_every_rate(
    project: Path, spotter: OnnxSpotter, rate: int
) -> None:
    found = spotter.spot(caller(project, "yes", rate))
    expected = spotter.spot(caller(project, "yes"))
    assert found["yes"] == pytest.approx(expected["yes"], abs=1.0)


def test_silence_contains_no_word(spotter: OnnxSpotter) -> None:
    assert max(spotter.spot(AudioFrame(bytes(16_000), 8_000, 0)).values()) < 0


@pytest.mark.parametrize("samples", [0, 1, 199])
def test_less_than_a_frame_contains_nothing(spotter: OnnxSpotter, samples: int) -> None:
    assert spotter.spot(AudioFrame(bytes(2 * samples), 8_000, 0)) == {}


def test_half_a_sample_is_not_audio(spotter: OnnxSpotter) -> None:
    with pytest.raises(RecognitionError, match="even number of bytes"):
        spotter.spot(AudioFrame(bytes(3), 8_000, 0))


@pytest.mark.parametrize("content", [b"", b"\x00garbage", b"cut"])
def test_a_damaged_file_is_one_line_of_error(
    project: Path, tmp_path: Path, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = (project / MODEL / SPOTTER).read_bytes()
    path = tmp_path / SPOTTER
    path.write_bytes(whole[: len(whole) // 2] if content == b"cut" else content)
    with pytest.raises(
        ModelError, match=r"spotter\.onnx is not a spotter of this project"
    ) as raised:
        OnnxSpotter(path)
    assert "\n" not in str(raised.value)
    assert capfd.readouterr() == ("", "")
