"""A12: a text telephone is recognized, is given time, and hears of relay and web page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.audio.files import Audio as Recording
from bot.audio.files import Samples, frames, read_audio, resample, to_pcm
from bot.audio.mulaw import decode, encode
from bot.lines.simulated_caller import CallerAction, key_tone
from bot.tones.keys_and_tty import LineTones
from tests.bot.calls.test_calls import Scene, talk

pytestmark = pytest.mark.unit

BIT_S = 0.022
LETTERS = {"H": "10100", "E": "00001", "L": "10010", "O": "11000", " ": "00100"}


def tty(text: str, rate: int = 8_000, level: float = 6_000.0, off: float = 1.0) -> Samples:
    """Baudot at 45.45 baud: a start bit (space), five bits, one and a half of stop (mark)."""
    bits = [(1, 7.0)]
    for letter in text:
        bits.append((0, 1.0))
        bits += [(int(bit), 1.0) for bit in reversed(LETTERS[letter])]
        bits.append((1, 1.5))
    bits.append((1, 7.0))
    hz = np.concatenate(
        [
            np.full(int(length * BIT_S * rate), (1_400 if bit else 1_800) * off)
            for bit, length in bits
        ]
    )
    return (level * np.sin(2 * np.pi * np.cumsum(hz) / rate)).astype(np.int16)


def found(samples: Samples, rate: int = 8_000) -> bool:
    line = LineTones(rate)
    return any(line.accept(frame).tty for frame in frames(Recording(samples, rate), rate))


@pytest.mark.parametrize("off", [0.99, 1.0, 1.01])
def test_a_tty_is_found_one_percent_off_its_frequencies(off: float) -> None:
    assert found(tty("HELLO HELLO", off=off))


def test_a_tty_is_found_quiet_through_a_telephone_and_in_noise() -> None:
    quiet = tty("HELLO HELLO", level=600.0)
    noise = np.random.default_rng(1).normal(0, 60, len(quiet))
    assert found(decode(encode((quiet + noise).astype(np.int16))))


def test_a_tty_is_found_at_sixteen_kilohertz() -> None:
    assert found(tty("HELLO HELLO", rate=16_000), 16_000)


def test_a_single_tone_is_not_a_tty() -> None:
    time = np.arange(16_000) / 8_000
    for hz in (1_400, 1_800, 1_000, 440):
        assert not found((6_000 * np.sin(2 * np.pi * hz * time)).astype(np.int16))


def test_keys_are_not_a_tty() -> None:
    keys = b"".join(key_tone(key, 8_000) for key in "0123456789*#" * 3)
    assert not found(np.frombuffer(keys, "<i2"))


def test_only_the_teletype_is_a_tty_among_all_recordings(
    project: Path,
) -> None:
    heard = []
    for path in sorted((project / "audio_fixtures" / "8k").glob("*.flac")):
        audio = read_audio(path)
        heard += [path.name] * found(audio.samples, audio.rate)
    assert heard == ["teletype.flac"]


@pytest.mark.shared
def test_neither_speech_nor_music_is_a_tty(shared_dir: Path) -> None:
    for folder in ("background", "oog_dev"):
        for path in sorted((shared_dir / "audio" / folder).glob("*.flac")):
            audio = read_audio(path)
            assert not found(resample(audio.samples, audio.rate, 8_000)), path.name


def test_a_tty_call_hears_about_relay_and_web_page_and_does_not_time_out() -> None:
    typed = CallerAction(pcm=to_pcm(tty("HELLO HELLO")))
    keyed = [
        CallerAction(after_ms=25_000, keys="421903"),
        CallerAction(keys="5827"),
        CallerAction(keys="4"),
    ]
    talked = talk(Scene([typed, *keyed]))
    assert "seven" in talked.voice.text
    assert "relay" in talked.voice.text
    assert "on the web" in talked.voice.text
    assert talked.record.outcome.verified
    assert all(turn.result != "noinput" for turn in talked.record.turns)
