"""The canary of S3: a PIN, spoken and keyed, is in no recording for our own ears to find."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio_fixtures import signals
from bot.adapters.recognizer_vosk import VoskRecognizer
from bot.audio.files import Audio, Samples, frames, read_audio, to_pcm
from bot.calls.recorder import CallRecorder
from bot.tones.dtmf_detector import find_tones
from bot.tones.keys_and_tty import LineTones
from bot.types import UNKNOWN, AudioFrame
from tests.support.paths import FIXTURES

pytestmark = pytest.mark.audio

RATE = 8_000
CALLERS = FIXTURES / "8k"
DIGITS = ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@pytest.fixture(scope="module")
def recognizer(project: Path) -> VoskRecognizer:
    return VoskRecognizer(project / "bot" / "models" / "telephone")


def digits_in(recognizer: VoskRecognizer, audio: Audio) -> list[str]:
    """Digit words of a recording, over a quiet line where it is digital silence."""
    noise = np.random.default_rng(0).normal(0, 4, len(audio.samples)).astype(np.int16)
    recognition = recognizer.start(DIGITS, audio.rate, 1)
    pcm = to_pcm(np.where(audio.samples == 0, noise, audio.samples))
    for start in range(0, len(pcm), 640):
        recognition.accept(AudioFrame(pcm[start : start + 640], audio.rate, 0))
    alternatives = recognition.final()
    return [word for word in alternatives[0].words if word != UNKNOWN] if alternatives else []


def fixture(name: str) -> Samples:
    return read_audio(CALLERS / f"{name}.flac").samples


def recorded(before: Samples, secret: Samples, path: Path) -> Audio:
    """The caller's channel of a call with a secret entry, which begins when asked for."""
    call = Audio(np.concatenate([before, np.zeros(RATE // 2, np.int16), secret]), RATE)
    begins_ms = (len(before) + RATE // 2) * 1000 // RATE
    recorder, tones = CallRecorder(RATE), LineTones(RATE)
    began = False
    for frame in frames(call, RATE):
        if not began and frame.start_ms >= begins_ms:
            recorder.begin_secret(frame.start_ms)
            began = True
        recorder.heard(frame, tones.accept(frame))
    recorder.end_secret(call.duration_ms)
    recorder.write(path)
    return read_audio(path)


def test_a_spoken_pin_is_not_in_the_recording_and_the_license_number_is(
    recognizer: VoskRecognizer, tmp_path: Path
) -> None:
    license_number, pin = fixture("license_a"), fixture("pin_a")
    assert len(digits_in(recognizer, Audio(pin, RATE))) == 4
    kept = recorded(license_number, pin, tmp_path / "call.wav")
    said = "four two one nine oh three".split()  # noqa: SIM905 - as the caller says it
    assert digits_in(recognizer, kept) == said
    after = replace(kept, samples=kept.samples[len(license_number) :])
    assert digits_in(recognizer, after) == []


@pytest.mark.parametrize("name", ["keys_pin_a", "keys_pin_b"])
def test_a_keyed_pin_is_not_in_the_recording(tmp_path: Path, name: str) -> None:
    assert len(find_tones(Audio(fixture(name), RATE))) == 4
    kept = recorded(fixture("license_a"), fixture(name), tmp_path / "call.wav")
    assert find_tones(kept) == []


def test_a_last_key_held_long_after_the_entry_is_not_in_the_recording(tmp_path: Path) -> None:
    held = signals.to_int16(signals.press("7", 2_000, RATE))
    recorder, tones = CallRecorder(RATE), LineTones(RATE)
    recorder.begin_secret(0)
    for frame in frames(Audio(held, RATE), RATE):
        if frame.start_ms == 60:
            recorder.end_secret(60)
        recorder.heard(frame, tones.accept(frame))
    recorder.write(tmp_path / "call.wav")
    assert find_tones(read_audio(tmp_path / "call.wav")) == []


def test_a_pin_keyed_before_it_is_asked_for_is_not_in_the_recording(tmp_path: Path) -> None:
    ahead = np.concatenate([fixture("keys_pin_a"), np.zeros(2 * RATE, np.int16)])
    kept = recorded(ahead, fixture("silence"), tmp_path / "call.wav")
    assert find_tones(kept) == []
