"""The recorded callers: the manifest is true, secrets are named by role, our model hears them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml

from audio_fixtures.make import LINE_NOISE_DB
from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.audio import mulaw
from bot.audio.files import Samples, level_db, read_audio, to_pcm
from bot.types import UNKNOWN, AudioFrame
from tests.support.paths import FIXTURES

pytestmark = pytest.mark.audio

DIGITS = ["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TENS = [
    "ten",
    "eleven",
    "twelve",
    "teen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
]

HEARD = {
    "license_a": "four two one nine oh three",
    "license_a_grace": "four two one nine oh three",
    "license_a_steph": "four two one nine oh three",
    "license_a_zero": "four two one nine zero three",
    "license_a_pause_400": "four two one nine oh three",
    "license_a_pause_800": "four two one nine oh three",
    "license_a_first_half": "four two one",
    "license_a_second_half": "nine oh three",
    "license_b": "three zero zero seven one five",
    "license_b_anna": "three zero zero seven one five",
    "license_b_pause_800": "three zero zero seven one five",
    "one": "one",
    "two": "two",
    "three": "three",
    "four": "four",
}
"""What the demonstration and the scripted calls rely on."""

SECRET = {
    "pin_a": "5827",
    "pin_a_paul": "5827",
    "pin_b": "9164",
    "pin_b_anna": "9164",
    "wrong_pin": "6038",
}


@pytest.fixture(scope="module")
def manifest() -> list[dict[str, Any]]:
    rows = yaml.safe_load((FIXTURES / "manifest.yaml").read_text(encoding="utf-8"))
    assert isinstance(rows, list)
    return rows


@pytest.fixture(scope="module")
def recognizer(project: Path) -> VoskRecognizer:
    return VoskRecognizer(project / "bot" / "models" / "telephone")


def heard(recognizer: VoskRecognizer, samples: Samples, rate: int) -> list[str]:
    """The words of one utterance after half a second of quiet line, fed in 20 ms chunks."""
    quiet = np.random.default_rng(0).normal(0, 4, rate // 2).astype(np.int16)
    recognition = recognizer.start(DIGITS, rate, 1)
    pcm = to_pcm(np.concatenate([quiet, samples]))
    for start in range(0, len(pcm), rate // 25):
        recognition.accept(AudioFrame(pcm[start : start + rate // 25], rate, 0))
    alternatives = recognition.final()
    return [word for word in alternatives[0].words if word != UNKNOWN] if alternatives else []


def test_every_fixture_is_in_the_manifest_and_every_row_has_its_file(
    manifest: list[dict[str, Any]],
) -> None:
    files = {
        path.relative_to(FIXTURES).as_posix()
        for folder in ("8k", "16k", "broken")
        for path in (FIXTURES / folder).iterdir()
    }
    assert files == {row["file"] for row in manifest}
    assert len(manifest) == len(files)


def test_every_row_states_text_voice_engine_and_license(manifest: list[dict[str, Any]]) -> None:
    for row in manifest:
        assert row["text"] and row["voice"] and row["engine"], row
        assert row["licence"].startswith("Apache-2.0"), row


def test_declared_rates_match_the_files(manifest: list[dict[str, Any]]) -> None:
    for row in manifest:
        folder = row["file"].split("/")[0]
        if folder != "broken":
            info = soundfile.info(FIXTURES / row["file"])
            assert (info.samplerate, info.channels) == (row["rate"], 1), row
            assert row["rate"] == {"8k": 8_000, "16k": 16_000}[folder], row


def test_secrets_are_named_by_role_only(manifest: list[dict[str, Any]]) -> None:
    secret = [row for row in manifest if "pin" in row["file"]]
    assert len(secret) >= 10
    for row in manifest:
        assert not any(digits in row["file"] for digits in SECRET.values()), row
    for row in secret:
        words = re.findall(r"[a-z]+|\d+", row["text"].lower())
        assert not set(words) & {*DIGITS, *TENS}, row
        assert not any(word.isdigit() for word in words), row


def test_all_fixtures_together_are_small() -> None:
    assert sum(path.stat().st_size for path in FIXTURES.rglob("*.*")) < 3_000_000


def test_telephone_versions_contain_only_mulaw_values() -> None:
    samples = read_audio(FIXTURES / "8k" / "license_a.flac").samples
    assert np.array_equal(mulaw.decode(mulaw.encode(samples)), samples)


def test_the_silent_line_is_as_quiet_as_its_noise() -> None:
    wide = read_audio(FIXTURES / "16k" / "silence.flac")
    assert level_db(wide.samples) == pytest.approx(LINE_NOISE_DB, abs=1.0)


@pytest.mark.parametrize("name", HEARD)
def test_the_embedded_model_understands_the_demonstrations_callers(
    recognizer: VoskRecognizer, name: str
) -> None:
    audio = read_audio(FIXTURES / "8k" / f"{name}.flac")
    assert " ".join(heard(recognizer, audio.samples, audio.rate)) == HEARD[name]


@pytest.mark.parametrize("name", SECRET)
def test_the_embedded_model_understands_the_spoken_secrets(
    recognizer: VoskRecognizer, name: str
) -> None:
    audio = read_audio(FIXTURES / "8k" / f"{name}.flac")
    spoken = heard(recognizer, audio.samples, audio.rate)
    digits = "".join(str(max(0, DIGITS.index(word) - 1)) for word in spoken)
    assert digits == SECRET[name]
