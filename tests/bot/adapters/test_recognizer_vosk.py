"""Every known way to crash, hang or fool libvosk, as an error or the right behavior."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bot.adapters.comfort_noise import Hiss
from bot.adapters.recognizer_vosk import RATES, VoskRecognizer
from bot.audio.files import read_audio, resample, to_pcm, to_samples
from bot.errors import ModelError, RecognitionError
from bot.types import UNKNOWN, AudioFrame
from tests.support.model_files import write_stock_model

pytestmark = pytest.mark.audio

DIGITS = ["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
PAIRS = tuple(f"{first} {second}" for first in DIGITS for second in DIGITS)
PIECE = 640


@pytest.fixture(scope="module")
def embedded(project: Path) -> VoskRecognizer:
    return VoskRecognizer(project / "bot" / "models" / "telephone")


@pytest.fixture(scope="module")
def number_pcm(project: Path) -> bytes:
    """Somebody says 4 2 1 9 0 3 over a telephone, 8 kHz."""
    return to_pcm(read_audio(project / "audio_fixtures" / "8k" / "license_a.flac").samples)


@pytest.fixture(scope="module")
def stock_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stock_model(tmp_path_factory.mktemp("stock") / "model")


@pytest.fixture(scope="module")
def stock(stock_folder: Path) -> VoskRecognizer:
    return VoskRecognizer(stock_folder)


def noise(samples: int, seed: int = 1, level: float = 300) -> bytes:
    return to_pcm(np.random.default_rng(seed).normal(0, level, samples).astype(np.int16))


def add(one: bytes, other: bytes) -> bytes:
    both = to_samples(one).astype(np.int32) + to_samples(other)
    return to_pcm(both.clip(-32_768, 32_767).astype(np.int16))


def at_8k(pcm: bytes) -> AudioFrame:
    return AudioFrame(pcm, 8_000, 0)


def words_of(recognizer: VoskRecognizer, pcm: bytes, rate: int = 8_000) -> list[str]:
    utterance = recognizer.start(PAIRS, rate, 10)
    for at in range(0, len(pcm), PIECE):
        utterance.accept(AudioFrame(pcm[at : at + PIECE], rate, 0))
    return [" ".join(one.words) for one in utterance.final()]


# -- what it is for ---------------------------------------------------------------------------


def test_a_number_spoken_in_noise_is_recognized_with_alternatives(
    embedded: VoskRecognizer, number_pcm: bytes
) -> None:
    hiss = np.random.default_rng(1).normal(0, 1_500, len(number_pcm) // 2)
    noisy = np.frombuffer(number_pcm, "<i2") + hiss
    alternatives = words_of(embedded, to_pcm(noisy.clip(-32_768, 32_767).astype(np.int16)))
    assert "four two one nine oh three" in alternatives
    assert len(alternatives) == len(set(alternatives)) > 1


def test_partial_results_start_empty_and_grow(embedded: VoskRecognizer, number_pcm: bytes) -> None:
    utterance = embedded.start(PAIRS, 8_000, 10)
    assert utterance.accept(at_8k(b"")) == ()
    partials = [
        utterance.accept(at_8k(number_pcm[at : at + PIECE]))
        for at in range(0, len(number_pcm), PIECE)
    ]
    assert partials[0] == ()
    assert len(partials[-1]) >= 6


@pytest.mark.parametrize("rate", RATES)
def test_every_listed_rate_is_understood(
    embedded: VoskRecognizer, number_pcm: bytes, rate: int
) -> None:
    samples = resample(np.frombuffer(number_pcm, "<i2"), 8_000, rate)
    assert "four two one nine oh three" in words_of(embedded, to_pcm(samples), rate)


def test_pauses_at_which_the_engine_would_stop_stay_inside_the_utterance(
    embedded: VoskRecognizer, number_pcm: bytes
) -> None:
    quiet = to_pcm(np.random.default_rng(1).normal(0, 4, 12_000).astype(np.int16))
    best = words_of(embedded, number_pcm + quiet + number_pcm)[0].split()
    assert len([word for word in best if word != UNKNOWN]) == 12


def test_a_new_utterance_is_independent_of_the_one_before(
    embedded: VoskRecognizer, number_pcm: bytes
) -> None:
    assert words_of(embedded, number_pcm)
    utterance = embedded.start(PAIRS, 8_000, 10)
    assert utterance.accept(at_8k(bytes(PIECE))) == ()


def test_many_utterances_can_run_at_once_on_one_model(
    embedded: VoskRecognizer, number_pcm: bytes
) -> None:
    heard: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: heard.append(words_of(embedded, number_pcm)), daemon=True)
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("four two one nine oh three" in alternatives for alternatives in heard)
    assert len(heard) == 4


# -- what kills or hangs libvosk --------------------------------------------------------------


@pytest.mark.parametrize("phrases", [(), ("",), ("  ",)])
def test_an_empty_phrase_list_is_an_error(
    embedded: VoskRecognizer, phrases: tuple[str, ...]
) -> None:
    with pytest.raises(RecognitionError, match="phrase list is empty"):
        embedded.start(phrases, 8_000, 10)


@pytest.mark.parametrize("word", ["<eps>", "#0", "blue", "käse", 'two"', "\\u0065"])
def test_a_word_that_the_model_lacks_is_named(embedded: VoskRecognizer, word: str) -> None:
    assert embedded.missing(["one", word, word]) == (word,)
    with pytest.raises(RecognitionError, match="does not know") as error:
        embedded.start(("one two", f"one {word}"), 8_000, 10)
    assert word in str(error.value)


@pytest.mark.parametrize("rate", [0, -8_000, 8_001, 44_101, 96_000])
def test_a_rate_that_aborts_or_hangs_is_an_error(embedded: VoskRecognizer, rate: int) -> None:
    with pytest.raises(RecognitionError, match="cannot recognize at"):
        embedded.start(PAIRS, rate, 10)


@pytest.mark.parametrize("count", [0, -1, 1_000])
def test_an_invalid_number_of_alternatives_is_an_error(
    embedded: VoskRecognizer, count: int
) -> None:
    with pytest.raises(RecognitionError, match="max_nbest"):
        embedded.start(PAIRS, 8_000, count)


def test_half_a_sample_is_an_error_and_does_no_damage(
    embedded: VoskRecognizer, number_pcm: bytes
) -> None:
    utterance = embedded.start(PAIRS, 8_000, 10)
    with pytest.raises(RecognitionError, match="even number of bytes"):
        utterance.accept(at_8k(b"abc"))
    utterance.accept(at_8k(number_pcm))
    assert "four two one nine oh three" in [" ".join(one.words) for one in utterance.final()]


def test_audio_of_another_rate_is_an_error_and_does_no_damage(
    embedded: VoskRecognizer, number_pcm: bytes
) -> None:
    utterance = embedded.start(PAIRS, 8_000, 10)
    with pytest.raises(RecognitionError, match="for 8000 Hz was given audio at 16000 Hz"):
        utterance.accept(AudioFrame(number_pcm, 16_000, 0))
    utterance.accept(at_8k(number_pcm))
    assert "four two one nine oh three" in [" ".join(one.words) for one in utterance.final()]


def test_a_finished_utterance_accepts_no_more_audio(embedded: VoskRecognizer) -> None:
    utterance = embedded.start(PAIRS, 8_000, 10)
    utterance.final()
    for use in (utterance.final, lambda: utterance.accept(at_8k(bytes(2)))):
        with pytest.raises(RecognitionError, match="has ended"):
            use()


def test_a_wide_beam_keeps_the_best_words_and_adds_distant_alternatives(
    embedded: VoskRecognizer, number_pcm: bytes
) -> None:
    def behind(wide: bool, reach: float) -> tuple[tuple[str, ...], list[float]]:
        utterance = embedded.start(PAIRS, 8_000, 30, wide=wide)
        utterance.accept(at_8k(add(number_pcm, noise(len(number_pcm) // 2, level=2_000))))
        best, *others = utterance.final()
        distances = [best.log_likelihood - one.log_likelihood for one in others]
        assert max(distances, default=0.0) <= utterance.reach == reach
        return best.words, distances

    narrow, near = behind(wide=False, reach=2.0)
    words, far = behind(wide=True, reach=4.0)
    assert words == narrow
    assert max(far) > max(near, default=0.0) + 1.0


def test_no_disk_space_for_the_wide_model_is_one_line_of_error(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(ModelError, match=r"cannot be linked to from .*missing") as error:
        VoskRecognizer(project / "bot" / "models" / "telephone")
    assert len(str(error.value).splitlines()) == 1


def test_an_utterance_without_audio_has_no_alternatives(embedded: VoskRecognizer) -> None:
    assert embedded.start(PAIRS, 8_000, 10).final() == ()


def test_two_threads_on_one_utterance_are_an_error_and_not_a_crash(
    embedded: VoskRecognizer,
) -> None:
    utterance = embedded.start(PAIRS, 8_000, 10)
    begun = threading.Barrier(2)
    errors: list[RecognitionError] = []

    def use() -> None:
        begun.wait()
        try:
            while not errors:
                utterance.accept(at_8k(noise(4_000)))
        except RecognitionError as error:
            errors.append(error)

    threads = [threading.Thread(target=use, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors
    assert "two threads" in str(errors[0])
    assert isinstance(utterance.final(), tuple)


# -- a stock model: 16 kHz, i-vectors, no --allow-upsample ------------------------------------


def test_a_stock_model_works_unmodified(stock: VoskRecognizer, stock_folder: Path) -> None:
    assert stock.shape.rate == 16_000
    assert stock.shape.ivectors
    assert "allow-upsample" not in (stock_folder / "conf/mfcc.conf").read_text()
    assert stock.missing(["one", "four", UNKNOWN]) == ("four",)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 48_000])
def test_a_stock_model_works_on_lines_of_every_rate(stock: VoskRecognizer, rate: int) -> None:
    utterance = stock.start(("one two", "yes"), rate, 5)
    for piece in range(40):
        utterance.accept(AudioFrame(noise(rate // 25, piece), rate, 0))
    alternatives = utterance.final()
    assert alternatives
    assert {word for one in alternatives for word in one.words} <= {"one", "two", "yes", UNKNOWN}


def test_a_stock_model_without_ivectors_works_too(tmp_path: Path) -> None:
    recognizer = VoskRecognizer(write_stock_model(tmp_path / "model", ivectors=False))
    assert not recognizer.shape.ivectors
    utterance = recognizer.start(("one two",), 8_000, 5)
    utterance.accept(at_8k(noise(8_000)))
    assert isinstance(utterance.final(), tuple)


# -- damaged models ---------------------------------------------------------------------------


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def other_splicing(path: Path) -> None:
    path.write_text("--left-context=2\n--right-context=3\n")


def other_disambiguation(path: Path) -> None:
    path.write_text("1\n")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("am/final.mdl", cut),
        ("graph/HCLr.fst", cut),
        ("graph/Gr.fst", cut),
        ("ivector/final.ie", cut),
        ("ivector/splice.conf", other_splicing),
        ("graph/disambig_tid.int", other_disambiguation),
    ],
)
def test_a_damaged_model_is_one_line_of_error_and_not_a_crash(
    stock_folder: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(stock_folder, folder)
    damage(folder / name)
    with pytest.raises(ModelError, match="libvosk cannot use this model") as error:
        VoskRecognizer(folder)
    assert "\n" not in str(error.value)
    assert str(folder) in str(error.value)


def test_the_embedded_model_describes_itself(embedded: VoskRecognizer, project: Path) -> None:
    words = (project / "bot/models/telephone/graph/words.txt").read_text().split()[::2]
    known = [word for word in words if word not in ("<eps>", "#0")]
    assert embedded.missing(known) == ()


def test_comfort_noise_does_not_depend_on_the_size_of_the_pieces() -> None:
    silence = np.zeros(20_000, np.int16)
    whole, pieces = Hiss(), Hiss()
    apart = np.concatenate([pieces.under(silence[at : at + 321]) for at in range(0, 20_000, 321)])
    assert np.array_equal(whole.under(silence), apart)
    assert 4 < apart.std() < 16


def test_comfort_noise_does_not_overflow_the_loudest_samples() -> None:
    loudest = np.array([32_767, -32_768] * 5_000, np.int16)
    assert np.abs(Hiss().under(loudest).astype(int) - loudest).max() < 100
