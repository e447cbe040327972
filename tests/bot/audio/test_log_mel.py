"""Features as Whisper wants them, beside those of another implementation."""

from __future__ import annotations

import numpy as np
import pytest

from bot.audio.log_mel import Floats, log_mel

pytestmark = pytest.mark.unit


def sweep() -> Floats:
    """A tone that rises from 200 Hz to 2.7 kHz within 0.7 s, then silence to 1 s."""
    at = np.arange(16_000) / 16_000
    tone = 0.3 * np.sin(2 * np.pi * (200 * at + 1_800 * at * at)) * (at < 0.7)
    return np.asarray(tone, np.float32)


@pytest.mark.parametrize(
    ("bands", "places"),
    [
        (
            80,
            {
                (0, 0): 1.0540,
                (10, 0): 0.7998,
                (7, 10): -0.2265,
                (20, 30): -0.6664,
                (40, 50): -0.2570,
                (60, 69): -0.1340,
                (79, 71): -0.4358,
                (79, 99): -0.6664,
            },
        ),
        (
            128,
            {
                (0, 0): 0.9783,
                (10, 0): 1.1267,
                (7, 10): -0.5782,
                (40, 50): -0.6173,
                (60, 69): -0.1163,
                (79, 71): 0.1731,
            },
        ),
    ],
)
def test_features_equal_those_of_faster_whisper_1_2(
    bands: int, places: dict[tuple[int, int], float]
) -> None:
    found = log_mel(sweep(), bands)
    assert found.shape == (bands, 100)
    assert {place: round(float(found[place]), 4) for place in places} == pytest.approx(
        places, abs=2e-4
    )


def test_silence_has_the_lowest_value_everywhere() -> None:
    assert log_mel(np.zeros(1_600, np.float32), 80) == pytest.approx(-1.5, abs=1e-5)


def test_no_value_is_more_than_eight_decades_below_the_loudest() -> None:
    found = log_mel(sweep(), 80)
    assert found.min() == pytest.approx(float(found.max()) - 8 / 4, abs=1e-5)
