"""The turn over real audio, through the real detector and recognizer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.adapters.detector_silero import SileroDetector
from bot.adapters.model_folder import load_ensemble
from bot.audio.buffer import AudioBuffer
from bot.audio.files import Audio, frames, level_db, read_audio, resample, to_pcm
from bot.audio.loudness import leveled
from bot.evaluation.file_recognition import FileRecognition
from bot.grammar import ActiveGrammars
from bot.hearing.ensemble import Ensemble
from bot.hearing.filler_pass import FillerPass
from bot.hearing.listener import Listener
from bot.hearing.result import FillerPath
from bot.hearing.vocabulary import Vocabulary
from bot.hearing.workers import InlineWorkers
from bot.turn.collect import collect
from bot.turn.options import CollectOptions
from bot.types import AudioFrame, Hangup, HungUp, LineEvent, Mark, Match, NoInput, Properties
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.audio

RATE = 8_000
NUMBER = ("license_number.grxml?length=6", "universals.grxml")


@pytest.fixture(scope="module")
def ensemble(project: Path) -> Ensemble:
    return load_ensemble(project / "bot" / "models" / "telephone")


@pytest.fixture(scope="module")
def number(project: Path, ensemble: Ensemble) -> ActiveGrammars:
    return Vocabulary(project_grammars(), ensemble.first).active(NUMBER)


@pytest.fixture(scope="module")
def listening(ensemble: Ensemble, number: ActiveGrammars) -> FileRecognition:
    return FileRecognition(ensemble, SileroDetector(), number, Properties())


@pytest.fixture
def caller(project: Path) -> Audio:
    return read_audio(project / "audio_fixtures" / "8k" / "license_a.flac")


def quiet(ms: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.random.default_rng(ms).normal(0, 5, RATE * ms // 1000).astype(np.int16)


def joined(*parts: np.ndarray[tuple[int], np.dtype[np.int16]]) -> Audio:
    return Audio(np.concatenate(parts), RATE)


class Prompt:
    """A prompt that never ends, and what was done to it."""

    def __init__(self) -> None:
        self.mark: str | None = "prompt"
        self.told: list[str] = []

    def reached(self, mark: Mark) -> bool:
        return mark.name == self.mark

    async def pause(self, now_ms: int) -> None:
        self.told.append("pause")

    async def resume(self, now_ms: int) -> None:
        self.told.append("resume")

    async def stop(self, now_ms: int) -> None:
        self.told.append("stop")


class Recording:
    """A recording, and the hangup at its end."""

    def __init__(self, audio: Audio) -> None:
        self._events: Iterator[LineEvent] = frames(audio, RATE)
        self._end_ms = audio.duration_ms

    async def next(self) -> LineEvent:
        return next(self._events, Hangup(self._end_ms))


def test_a_spoken_number_is_answered_with_its_value(
    listening: FileRecognition, caller: Audio
) -> None:
    found = asyncio.run(listening.collect(joined(quiet(500), caller.samples, quiet(500))))
    assert isinstance(found.result, Match)
    assert found.result.best.value == "421903"
    assert found.timing.speech_start_ms is not None
    assert found.timing.speech_end_ms is not None
    assert found.timing.speech_start_ms < found.timing.speech_end_ms <= found.timing.end_ms


def test_a_number_in_a_long_wait_keeps_its_first_word(
    listening: FileRecognition, caller: Audio
) -> None:
    found = asyncio.run(listening.collect(joined(quiet(7_000), caller.samples, quiet(500))))
    assert isinstance(found.result, Match)
    assert found.result.best.value == "421903"


def test_hiss_is_a_noinput_whatever_the_recognizer_makes_of_it(listening: FileRecognition) -> None:
    hiss = np.random.default_rng(4).normal(0, 60, RATE * 6).astype(np.int16)
    assert asyncio.run(listening.collect(Audio(hiss, RATE))).result == NoInput()


def test_a_caller_who_speaks_into_the_prompt_stops_it(
    ensemble: Ensemble, number: ActiveGrammars, caller: Audio
) -> None:
    prompt = Prompt()
    listener = Listener(ensemble, SileroDetector(), InlineWorkers(), RATE)
    audio = joined(quiet(2_000), caller.samples, quiet(1_500))
    events, wanted = Recording(audio), CollectOptions(number, Properties())
    found = asyncio.run(collect(listener, events, prompt, wanted, 0))
    assert prompt.told == ["pause", "stop"]
    assert found.bargein
    assert isinstance(found.result, Match)
    assert found.result.best.value == "421903"


@pytest.mark.parametrize(("least_db", "told"), [(-40, []), (-50, ["pause", "stop"])])
def test_a_quiet_caller_stops_a_prompt_on_a_line_declared_free_of_echo(
    ensemble: Ensemble,
    number: ActiveGrammars,
    caller: Audio,
    least_db: int,
    told: list[str],
) -> None:
    soft = leveled(caller.samples, -52.0)
    prompt = Prompt()
    listener = Listener(ensemble, SileroDetector(), InlineWorkers(), RATE)
    events = Recording(joined(quiet(2_000), soft, quiet(1_500)))
    wanted = CollectOptions(number, Properties(bargein_level_db=least_db))
    asyncio.run(collect(listener, events, prompt, wanted, 0))
    assert prompt.told == told


@pytest.mark.parametrize("name", ["license_a", "license_a_high", "license_a_steph"])
def test_a_number_has_the_same_confidence_30_db_quieter(
    listening: FileRecognition, project: Path, name: str
) -> None:
    said = read_audio(project / "audio_fixtures" / "8k" / f"{name}.flac").samples
    confidences = []
    for loudness in (level_db(said), level_db(said) - 30):
        audio = joined(quiet(500), leveled(said, loudness), quiet(500))
        found = asyncio.run(listening.collect(audio)).result
        assert isinstance(found, Match)
        assert found.best.value == "421903"
        confidences.append(found.best.confidence)
    assert confidences[1] == pytest.approx(confidences[0], abs=0.05)


def test_incremental_filler_decoding_equals_decoding_at_once(
    ensemble: Ensemble, number: ActiveGrammars, caller: Audio
) -> None:
    def heard_in(pieces: int) -> FillerPath | None:
        fillers = FillerPass(ensemble.first, number.phrases(), RATE)
        pcm, heard = to_pcm(caller.samples), AudioBuffer(RATE)
        for at in range(0, len(pcm), pieces):
            heard.add(AudioFrame(pcm[at : at + pieces], RATE, 0))
            fillers.follow(heard)
        return fillers.path()

    at_once, followed = heard_in(10**9), heard_in(640)
    assert at_once is not None
    assert followed is not None
    assert followed.unknown == at_once.unknown
    assert followed.log_likelihood == pytest.approx(at_once.log_likelihood, abs=0.1)


@pytest.mark.shared
def test_babble_10_db_under_a_caller_stops_no_prompt(
    ensemble: Ensemble, number: ActiveGrammars, shared_dir: Path
) -> None:
    files = sorted((shared_dir / "audio/dev/noise").glob("babble*.flac"))
    heard = [resample(a.samples, a.rate, RATE) for a in map(read_audio, files)]
    babble = np.concatenate(heard).astype(np.float64)
    babble *= 32_768 * 10 ** (-36 / 20) / babble.std()
    audio = Audio(np.clip(babble, -32_768, 32_767).astype(np.int16), RATE)
    prompt = Prompt()
    listener = Listener(ensemble, SileroDetector(), InlineWorkers(), RATE)
    events, wanted = Recording(audio), CollectOptions(number, Properties())
    found = asyncio.run(collect(listener, events, prompt, wanted, 0))
    assert "stop" not in prompt.told
    assert isinstance(found.result, HungUp)
