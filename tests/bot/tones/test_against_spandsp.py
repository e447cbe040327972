"""Ours against libspandsp's receiver (Debian: libspandsp2): where it hears keys, so do we."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.tones.run import ROWS, Row, ours, pressed
from benchmarks.tones.spandsp import Spandsp
from bot.audio.files import read_audio, resample
from tests.support.paths import FIXTURES

pytestmark = pytest.mark.system

CALLERS = FIXTURES / "8k"
WITHIN_BOTH = ("clean", "40 ms on", "SNR 15 dB", "SNR 12 dB")
BEYOND_SPANDSP = ("±1.5 %", "twist +4 dB", "twist −8 dB", "hole of 20 ms in 120 ms")


def row(name: str) -> Row:
    return next(row for row in ROWS if row.name == name)


@pytest.fixture(scope="module")
def spandsp() -> Spandsp:
    try:
        return Spandsp()
    except OSError:
        pytest.skip("libspandsp.so.2 is not installed (Debian: apt-get install libspandsp2)")


@pytest.mark.parametrize("name", WITHIN_BOTH)
def test_both_detectors_find_every_key(spandsp: Spandsp, name: str) -> None:
    keys, samples = pressed(row(name))
    assert spandsp.keys(samples) == ours(samples) == keys


@pytest.mark.parametrize("name", BEYOND_SPANDSP)
def test_our_detector_finds_every_key_where_spandsp_fails(spandsp: Spandsp, name: str) -> None:
    keys, samples = pressed(row(name))
    assert ours(samples) == keys
    assert spandsp.keys(samples) != keys


@pytest.mark.parametrize("name", [row.name for row in ROWS if not row.accept])
def test_our_detector_finds_no_key_in_signals_to_be_rejected(name: str) -> None:
    assert ours(pressed(row(name))[1]) == ""


@pytest.mark.parametrize(
    "name", ["keys_license_a", "keys_all", "keys_fast", "keys_slow", "keys_noisy", "license_a"]
)
def test_both_detectors_read_the_recorded_keys_alike(spandsp: Spandsp, name: str) -> None:
    samples = read_audio(CALLERS / f"{name}.flac").samples
    assert spandsp.keys(samples) == ours(samples)


@pytest.mark.shared
def test_both_detectors_read_the_dialed_calls_alike(spandsp: Spandsp, shared_dir: Path) -> None:
    """But for dial.wav, where it hears the one 3 after the 2 twice."""
    for name in ("The_Sound_of_dial-up_Internet_8k.wav", "0-9-8Khz.wav", "123.wav"):
        audio = read_audio(shared_dir / "audio" / "dtmf" / name)
        samples = resample(audio.samples, audio.rate, 8_000)
        assert spandsp.keys(samples) == ours(samples), name
