"""What detector and recognizer hear is about equally loud, whoever calls on whatever line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.files import Samples, level_db
from bot.audio.gain import (
    DetectorGain,
    GainParameters,
    UtteranceGain,
    gain_db,
    loudest_db,
    raised,
)

pytestmark = pytest.mark.unit

RATE = 8_000
QUIET_DB = -70.0
SPEECH_DB, NOISE_DB = -15.0, -42.0
TO_DETECTOR_DB, TO_RECOGNIZER_DB, TOO_LOUD_DB = 18.0, 30.0, 3.0
levels = st.floats(-90, 0)


def tone(level: float, ms: int = 200) -> Samples:
    """A sine of this level (dBFS RMS)."""
    at = np.arange(RATE * ms // 1000) / RATE
    wave: npt.NDArray[np.float64] = np.sin(2 * np.pi * 500 * at) * np.sqrt(2) * 10 ** (level / 20)
    return (wave * 32_767).round().clip(-32_768, 32_767).astype(np.int16)


def heard(gain: UtteranceGain, samples: Samples) -> float:
    """The level at which the recognizer hears these."""
    gain.too_loud(samples)
    return level_db(gain.applied(samples))


# -- how much ---------------------------------------------------------------------------------


@given(st.floats(SPEECH_DB - TO_RECOGNIZER_DB, SPEECH_DB))
def test_a_quiet_caller_is_raised_to_the_usual_level(level: float) -> None:
    raised_to = level + gain_db(level, QUIET_DB, TO_RECOGNIZER_DB)
    assert raised_to == pytest.approx(min(SPEECH_DB, level + NOISE_DB - QUIET_DB))


@given(levels, levels, st.sampled_from([TO_DETECTOR_DB, TO_RECOGNIZER_DB]))
def test_callers_are_not_attenuated_and_noise_is_not_raised_above_its_limit(
    speech: float, noise: float, most: float
) -> None:
    by_db = gain_db(speech, noise, most)
    assert 0 <= by_db <= most
    assert by_db == 0 or noise + by_db <= NOISE_DB + 1e-9


@given(levels, levels, st.floats(0, 20))
def test_louder_callers_and_noisier_lines_never_get_more_gain(
    speech: float, noise: float, more: float
) -> None:
    before = gain_db(speech, noise, TO_RECOGNIZER_DB)
    assert gain_db(speech + more, noise, TO_RECOGNIZER_DB) <= before
    assert gain_db(speech, noise + more, TO_RECOGNIZER_DB) <= before


def test_overload_is_clipped_and_does_not_wrap_around() -> None:
    loud = np.array([-30_000, 30_000], np.int16)
    assert raised(loud, 12.0).tolist() == [-32_768, 32_767]


def test_the_loudest_20_ms_count_wherever_they_occur() -> None:
    click = np.concatenate([tone(-50), tone(-20, 20), tone(-50, 30)])
    assert loudest_db(click, RATE, 20) == pytest.approx(-20, abs=0.2)
    assert loudest_db(np.zeros(0, np.int16), RATE, 20) < -100


# -- the recognizer ---------------------------------------------------------------------------


def test_an_utterance_of_steady_level_has_one_gain() -> None:
    gain = UtteranceGain(RATE)
    gain.begin(QUIET_DB)
    assert heard(gain, tone(-35)) == pytest.approx(SPEECH_DB, abs=0.3)
    assert not gain.too_loud(tone(-35 + TOO_LOUD_DB - 0.5))
    assert not gain.too_loud(tone(-60))
    assert level_db(gain.applied(tone(-60))) == pytest.approx(-60 + SPEECH_DB + 35, abs=0.5)


def test_a_caller_who_gets_much_louder_is_redecoded_from_the_start() -> None:
    gain = UtteranceGain(RATE)
    gain.begin(QUIET_DB)
    gain.too_loud(tone(-40))
    assert gain.too_loud(tone(-30))
    assert level_db(gain.applied(tone(-30))) == pytest.approx(SPEECH_DB, abs=0.3)
    assert not gain.too_loud(tone(-30))


def test_another_utterance_has_a_gain_of_its_own() -> None:
    gain = UtteranceGain(RATE)
    for level, noise, wanted in ((-20, QUIET_DB, SPEECH_DB), (-40, QUIET_DB, SPEECH_DB)):
        gain.begin(noise)
        assert heard(gain, tone(level)) == pytest.approx(wanted, abs=0.3)
    gain.begin(NOISE_DB)
    assert heard(gain, tone(-40)) == pytest.approx(-40, abs=0.3)


# -- the detector -----------------------------------------------------------------------------


def test_the_gain_of_the_detector_follows_the_loudest_sound_of_the_question() -> None:
    gain = DetectorGain(RATE)
    assert level_db(gain.applied(tone(-30), QUIET_DB)) == pytest.approx(SPEECH_DB, abs=0.3)
    softer = level_db(gain.applied(tone(-50), QUIET_DB))
    assert softer == pytest.approx(-50 + SPEECH_DB + 30, abs=0.3)
    gain.forget()
    again = level_db(gain.applied(tone(-50), QUIET_DB))
    assert again == pytest.approx(-50 + TO_DETECTOR_DB, abs=0.3)


def test_known_noise_is_not_amplified_for_the_detector() -> None:
    gain = DetectorGain(RATE)
    assert level_db(gain.applied(tone(-40), NOISE_DB)) == pytest.approx(-40, abs=0.3)
    assert level_db(gain.applied(tone(-40), NOISE_DB - 6)) == pytest.approx(-34, abs=0.3)


# -- other parameters -------------------------------------------------------------------------


def test_a_higher_target_level_gives_louder_callers() -> None:
    louder = GainParameters(speech_db=-9.0, recognizer_db=40.0, detector_db=20.0)
    utterance, detector = UtteranceGain(RATE, louder), DetectorGain(RATE, louder)
    utterance.begin(-120.0)
    assert heard(utterance, tone(-45)) == pytest.approx(-9, abs=0.3)
    assert level_db(detector.applied(tone(-45), -120.0)) == pytest.approx(-25, abs=0.3)
