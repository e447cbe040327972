"""No part of a key's tone is kept, measured by its samples: the detector is not the judge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio_fixtures import signals
from bot.audio.files import Audio, Samples, frames
from bot.calls.recorder import CallRecorder
from bot.tones.keys_and_tty import LineTones
from bot.types import KEYS

pytestmark = pytest.mark.unit

PAUSE_MS, ON_MS = 200.0, 60.0
RATES = (8_000, 16_000)


def recorded(samples: Samples, rate: int, folder: Path) -> Samples:
    """The caller's channel of what a call with these samples leaves behind."""
    recorder, tones = CallRecorder(rate), LineTones(rate)
    for part in frames(Audio(samples, rate), rate):
        recorder.heard(part, tones.accept(part))
    recorder.write(folder / "call.wav")
    both, _ = soundfile.read(folder / "call.wav", dtype="int16")
    caller: Samples = both[:, 0]
    return caller


def dialed(shift_ms: float, rate: int, on_ms: float, level_db: float) -> Samples:
    """All keys, each behind a pause; ``shift_ms`` moves them against the frames."""
    parts = [signals.silence(shift_ms, rate)]
    for key in KEYS:
        parts += [signals.silence(PAUSE_MS, rate), signals.press(key, on_ms, rate, level_db)]
    return signals.to_int16(np.concatenate([*parts, signals.silence(300, rate)]))


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("shift_ms", [0.0, 3.0, 7.0, 10.0, 13.0, 17.0, 19.9])
@pytest.mark.parametrize(("on_ms", "level_db"), [(45.0, -16.0), (60.0, -30.0), (400.0, -10.0)])
def test_no_sample_of_a_key_is_kept(
    tmp_path: Path, rate: int, shift_ms: float, on_ms: float, level_db: float
) -> None:
    samples = dialed(shift_ms, rate, on_ms, level_db)
    assert np.count_nonzero(samples) > 12 * on_ms * rate / 1_000 * 0.9
    assert not recorded(samples, rate, tmp_path).any()


@pytest.mark.parametrize("rate", RATES)
def test_audio_half_a_second_away_from_a_key_is_kept(tmp_path: Path, rate: int) -> None:
    hum = signals.tone((180.0,), 500, rate)
    quiet = signals.silence(500, rate)
    key = signals.press("5", ON_MS, rate)
    samples = signals.to_int16(np.concatenate([hum, quiet, key, quiet, hum]))
    caller = recorded(samples, rate, tmp_path)
    half = rate // 2
    assert np.array_equal(caller[:half], samples[:half])
    assert np.array_equal(caller[-half:], samples[-half:])
    assert not caller[half:-half].any()
