"""What detector and recogniser hear is equally loud, whoever calls on whatever line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio import Samples, level_db
from bot.gain import NOISE_DB, SPEECH_DB, TO_DETECTOR_DB, TO_RECOGNIZER_DB, AutomaticGain

pytestmark = pytest.mark.unit

RATE = 8_000
QUIET_DB = -70.0


def tone(level: float, ms: int = 200) -> Samples:
    """A sine of this level (dBFS RMS)."""
    at = np.arange(RATE * ms // 1000) / RATE
    wave: npt.NDArray[np.float64] = np.sin(2 * np.pi * 500 * at) * np.sqrt(2) * 10 ** (level / 20)
    return (wave * 32_767).round().astype(np.int16)


def gain() -> AutomaticGain:
    return AutomaticGain(RATE, TO_RECOGNIZER_DB)


@given(st.floats(SPEECH_DB - TO_RECOGNIZER_DB, SPEECH_DB))
def test_every_caller_comes_to_one_level(level: float) -> None:
    assert level_db(gain().applied(tone(level), QUIET_DB)) == pytest.approx(SPEECH_DB, abs=0.3)


@given(st.floats(-80, 0), st.floats(-70, -10))
def test_noise_is_never_raised_over_its_limit(speech: float, noise: float) -> None:
    heard = gain().applied(tone(speech), noise)
    assert noise + level_db(heard) - level_db(tone(speech)) <= max(NOISE_DB, noise) + 0.3


@given(st.floats(-80, 0), st.floats(-70, -10))
def test_the_detector_hears_nothing_quieter_than_it_is(speech: float, noise: float) -> None:
    raised = AutomaticGain(RATE, TO_DETECTOR_DB).applied(tone(speech), noise)
    assert 0 <= level_db(raised) - level_db(tone(speech)) + 0.01 <= TO_DETECTOR_DB + 0.3


def test_it_falls_at_once_where_the_caller_gets_louder_and_stays_there() -> None:
    raised = gain()
    raised.applied(tone(-40), QUIET_DB)
    assert level_db(raised.applied(tone(-20)[40:], QUIET_DB)) == pytest.approx(SPEECH_DB, abs=0.3)
    softer = raised.applied(tone(-40), QUIET_DB)
    assert level_db(softer) == pytest.approx(SPEECH_DB - 20, abs=0.3)


def test_a_new_utterance_has_a_level_of_its_own() -> None:
    raised = gain()
    raised.applied(tone(-10), QUIET_DB)
    raised.forget()
    assert level_db(raised.applied(tone(-30), QUIET_DB)) == pytest.approx(SPEECH_DB, abs=0.3)


def test_the_gain_changes_over_milliseconds_and_not_in_one_step() -> None:
    raised = gain()
    raised.applied(tone(-40), QUIET_DB)
    steady = np.full(320, 100, np.int16)
    steady[160:] = 3_000
    heard = raised.applied(steady, QUIET_DB).astype(float)
    assert np.abs(np.diff(heard[:160])).max() < 100


def test_what_is_too_loud_is_clipped_and_does_not_wrap_around() -> None:
    peaked = tone(-40)
    peaked[80] = 32_767
    peaked[90] = -32_768
    heard = gain().applied(peaked, QUIET_DB)
    assert (heard[80], heard[90]) == (32_767, -32_768)


@pytest.mark.parametrize("samples", [0, 1, 159, 161])
def test_any_number_of_samples_gives_as_many(samples: int) -> None:
    assert len(gain().applied(np.zeros(samples, np.int16), QUIET_DB)) == samples
