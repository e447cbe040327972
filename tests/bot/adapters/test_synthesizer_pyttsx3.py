"""The voice that callers hear: pyttsx3 with espeak-ng, for real."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest

from bot.adapters.synthesizer_pyttsx3 import provide_data, pyttsx3_engine
from bot.audio.files import level_db, to_samples
from bot.errors import SynthesisError
from bot.prompts.lint import estimated_ms, example
from bot.prompts.prompts import Prompts
from bot.settings import Speech
from bot.synthesis.cache import SpeechCache
from bot.synthesis.engine_spec import EngineSpec
from bot.synthesis.synthesizer import SentenceSynthesizer
from bot.types import Prompt, Say

pytestmark = pytest.mark.audio

LONGEST_MS = 12_000
ASK = Say("Please say or key your license number.")
PATIENT_MS = 50_000
SPEECH = Speech(cache=None, workers=1, timeout_ms=20_000)


def voice(speech: Speech = SPEECH, cache_bytes: int = 10_000_000) -> SentenceSynthesizer:
    cache = SpeechCache(memory_bytes=cache_bytes)
    return SentenceSynthesizer(pyttsx3_engine(speech), speech, cache, PATIENT_MS)


async def speak(*texts: str, rate: int = 8_000, percents: tuple[int, ...] = (100,)) -> list[bytes]:
    async with voice() as speaking:
        return [
            bytes((await speaking.speak((Say(text),), rate, percent))[0])
            for percent in percents
            for text in texts
        ]


def test_a_sentence_is_trimmed_leveled_and_at_the_rate_of_the_line() -> None:
    (pcm,) = asyncio.run(speak(ASK.text))
    samples = to_samples(pcm)
    assert level_db(samples) == pytest.approx(-19.0, abs=3)
    edge = 8_000 * 60 // 1000
    for part in (samples[:edge], samples[-edge:]):
        assert level_db(part) > -60, "silence was left at an end"
    assert 1.5 < len(samples) / 8_000 < 3.5


def test_the_same_text_is_the_same_audio() -> None:
    first = asyncio.run(speak(ASK.text, rate=16_000))
    second = asyncio.run(speak(ASK.text, rate=16_000))
    assert first == second


def test_the_slower_voice_is_at_least_a_fifth_slower() -> None:
    slow_percent = 78
    texts = (ASK.text, "zero", "For yes, press one.")
    pcm = asyncio.run(speak(*texts, percents=(100, slow_percent)))
    for normal, slow in zip(pcm[:3], pcm[3:], strict=True):
        assert len(slow) >= 1.2 * len(normal)


def test_no_utterance_is_lost_and_every_rate_is_kept_when_rates_alternate() -> None:
    """pyttsx3 cancels the rate or the utterance unless its engine's thread is waited for.

    On a busy machine two of some 10,000 still failed, and were said by the next worker.
    """

    async def alternate() -> dict[int, set[int]]:
        lengths: dict[int, set[int]] = {100: set(), 78: set()}
        async with voice(cache_bytes=0) as speaking:
            await speaking.start()
            pids = set(speaking.pids)
            for number in range(60):
                percent = (100, 78)[number % 2]
                text = f"For yes, press one. {'And again. ' * (number // 2 % 3)}"
                (pcm,) = await speaking.speak((Say(text),), 8_000, percent)
                lengths[percent].add(len(pcm))
                pids |= set(speaking.pids)
            assert len(pids) <= 2, "workers had to be replaced"
        return lengths

    lengths = asyncio.run(alternate())
    assert len(lengths[100]) == len(lengths[78]) == 3
    assert min(lengths[78]) > min(lengths[100])


def test_sentences_for_a_caller_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    async def tell() -> None:
        cache = SpeechCache(tmp_path / "cache")
        spec = pyttsx3_engine(SPEECH)
        async with SentenceSynthesizer(spec, SPEECH, cache, PATIENT_MS) as speaking:
            assert (await speaking.speak((Say("Your number is four.", private=True),), 8_000))[0]
            assert [*tmp_path.rglob("*")] == []  # noqa: ASYNC240  a folder in memory

    asyncio.run(tell())


def test_markup_and_long_text_do_no_harm() -> None:
    long = "This sentence is said again and again. " * 60
    marked, plain, much = asyncio.run(
        speak("<genfile> Hello [[h@l]] there.", "genfile Hello h l there.", long)
    )
    assert marked == plain
    assert len(much) / 16_000 > 60


def test_prompts_take_no_longer_than_twelve_seconds(project: Path) -> None:
    """The estimate of the prompt rules, held against the voice itself."""
    prompts = Prompts.load(project / "prompts")
    wanted = [
        example(prompts, key, count)
        for key in prompts
        for count in range(1, len(prompts.texts(key)) + 1)
    ]

    async def durations() -> list[tuple[Prompt, float]]:
        speech = SPEECH.model_copy(update={"workers": 2})
        async with voice(speech) as speaking:
            return [
                (
                    prompt,
                    sum(map(len, await speaking.speak(prompts.segments(prompt), 8_000))) / 16,
                )
                for prompt in wanted
            ]

    took = asyncio.run(durations())
    assert {prompt.key: ms for prompt, ms in took if ms > LONGEST_MS} == {}
    ratios = [ms / estimated_ms(prompts, prompt) for prompt, ms in took]
    assert np.median(ratios) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("unknown", ["gmw/nowhere", "gmw/en+nobody", "../../etc/passwd"])
def test_an_unknown_voice_is_named_with_a_working_alternative(unknown: str) -> None:
    async def start() -> None:
        speech = SPEECH.model_copy(update={"voice": unknown})
        async with voice(speech) as speaking:
            with pytest.raises(SynthesisError, match=r"has no voice .*; try gmw/en\+adam"):
                await speaking.start()

    asyncio.run(start())


def test_missing_data_is_named_before_the_library_exits(tmp_path: Path) -> None:
    with pytest.raises(SynthesisError, match="espeak-ng's data is missing"):
        provide_data(tmp_path / "nowhere")


def test_data_at_a_long_path_is_reached_by_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 120) / ("e" * 60)
    deep.mkdir(parents=True)
    data = deep / "espeak-ng-data"
    data.symlink_to(espeakng_loader.get_data_path(), target_is_directory=True)
    monkeypatch.setenv("ESPEAK_DATA_PATH", "")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for _ in range(2):
        short = provide_data(data)
        assert len(os.fsencode(short)) <= 140
        assert (short / "phontab").is_file()
        assert os.environ["ESPEAK_DATA_PATH"] == str(short.parent)


def test_the_engine_speaks_with_its_data_at_a_long_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 120) / ("e" * 60)
    deep.mkdir(parents=True)
    data = deep / "espeak-ng-data"
    data.symlink_to(espeakng_loader.get_data_path(), target_is_directory=True)
    options: dict[str, str | int] = {
        "data": str(data),
        "voice": SPEECH.voice,
        "words_per_minute": 155,
    }
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    spec = EngineSpec("tests.support.speech_engines:pyttsx3_far_away", options, "far away")

    async def say() -> bytes:
        async with SentenceSynthesizer(spec, SPEECH, patience_ms=PATIENT_MS) as speaking:
            return bytes((await speaking.speak((ASK,), 8_000))[0])

    assert asyncio.run(say()) == asyncio.run(speak(ASK.text))[0]


def test_a_path_that_cannot_be_shortened_is_an_error_with_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 150)
    deep.mkdir()
    (deep / "phontab").touch()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with pytest.raises(SynthesisError, match="set TMPDIR"):
        provide_data(deep)
