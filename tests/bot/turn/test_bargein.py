"""What may stop a prompt, and how."""

from __future__ import annotations

import pytest

from bot.audio.noise_floor import NoiseFloor, NoiseFloorParameters
from bot.hearing.observation import Observation
from bot.turn.bargein import Bargein, BargeinParameters, Stage, gated, may_be_caller

pytestmark = pytest.mark.unit


def test_sound_pauses_a_prompt_and_a_lasting_word_stops_it() -> None:
    bargein = Bargein()
    assert bargein.speech(1_000)
    assert not bargein.speech(1_020), "it is paused already"
    assert not bargein.word_held(180)
    assert bargein.word_held(200)
    assert bargein.stage is Stage.STOPPED


def test_a_word_cannot_stop_a_prompt_that_sound_has_not_paused() -> None:
    assert not Bargein().word_held(5_000)


def test_without_a_word_the_prompt_resumes_after_a_silence() -> None:
    bargein = Bargein()
    bargein.speech(1_000)
    assert not bargein.nothing(1_400, 580)
    assert bargein.nothing(1_700, 600)
    assert bargein.stage is Stage.PLAYING


def test_steady_noise_pauses_a_prompt_only_briefly() -> None:
    bargein = Bargein()
    bargein.speech(1_000)
    assert not bargein.nothing(3_480, 0)
    assert bargein.nothing(3_500, 0)


def test_a_key_stops_once() -> None:
    bargein = Bargein()
    assert bargein.stop()
    assert not bargein.stop()
    assert not bargein.speech(2_000)


@pytest.mark.parametrize(
    ("level_db", "noise_db", "caller_db", "expected"),
    [
        (-25, -60, None, True),
        (-41, -60, None, False),
        (-35, -47, None, False),
        (-35, -49, None, True),
        (-22, -31, -20, False),
        (-30, -60, -20, False),
        (-25, -60, -20, True),
    ],
)
def test_only_sound_above_the_noise_and_near_the_callers_level_can_be_the_caller(
    level_db: float, noise_db: float, caller_db: float | None, expected: bool
) -> None:
    assert may_be_caller(level_db, noise_db, caller_db, -40.0) is expected


def test_a_line_can_have_other_parameters() -> None:
    patient = BargeinParameters(word_held_ms=400, resume_ms=100, under_caller_db=20.0)
    bargein = Bargein(patient)
    bargein.speech(1_000)
    assert not bargein.word_held(380)
    assert bargein.nothing(1_100, 100)
    assert may_be_caller(-38, -60, -20, -40.0, patient)
    assert not may_be_caller(-38, -60, -20, -40.0)


def test_a_noise_floor_can_have_a_shorter_window() -> None:
    floor = NoiseFloor(NoiseFloorParameters(window_ms=200, lowest_db=-60.0))
    assert floor.level_db == -60
    for level_db in (-50, -30):
        for _ in range(10):
            floor.follow(level_db, 20)
    assert floor.level_db == -30


def test_the_noise_floor_is_the_level_without_speech() -> None:
    floor = NoiseFloor()
    for _ in range(10):
        for _ in range(20):
            floor.follow(-20, 20)
        for _ in range(10):
            floor.follow(-55, 20)
    assert floor.level_db == -55


def test_the_noise_floor_follows_a_line_that_gets_louder_within_three_seconds() -> None:
    floor = NoiseFloor()
    for _ in range(200):
        floor.follow(-60, 20)
    for _ in range(150):
        floor.follow(-30, 20)
    assert floor.level_db == -30


def test_digital_silence_gives_the_floor_of_a_quiet_line() -> None:
    floor = NoiseFloor()
    floor.follow(-120, 20)
    assert floor.level_db == NoiseFloor().level_db


@pytest.mark.parametrize("by_db", [-0.1, 0.0, 0.1])
@pytest.mark.parametrize(
    ("limit_db", "noise_db", "caller_db", "least_db"),
    [
        (-40.0, -80.0, -50.0, -40.0),  # what the setting says
        (-47.0, -60.0, None, -70.0),  # a stranger: 13 dB over the noise
        (-50.0, -60.0, -70.0, -70.0),  # a known caller: 10 dB over the noise
        (-36.0, -60.0, -30.0, -70.0),  # and 6 dB under the caller's own level
    ],
)
def test_sound_is_tested_as_the_caller_on_both_sides_of_each_limit(
    limit_db: float, noise_db: float, caller_db: float | None, least_db: float, by_db: float
) -> None:
    assert may_be_caller(limit_db + by_db, noise_db, caller_db, least_db) is (by_db >= 0)


@pytest.mark.parametrize(("held_ms", "stops"), [(199, False), (200, True), (201, True)])
def test_a_word_stops_a_prompt_once_it_has_lasted_200_ms(held_ms: int, stops: bool) -> None:
    prompt = Bargein()
    for at_ms in (1_000, 9_000):
        prompt = prompt if prompt.stage is Stage.PLAYING else Bargein()
        assert prompt.speech(at_ms)
        assert prompt.word_held(held_ms) is stops
        assert prompt.stage is (Stage.STOPPED if stops else Stage.PAUSED)
        assert prompt.nothing(at_ms + 700, 700) is not stops


@pytest.mark.parametrize(
    ("later_ms", "silent_ms", "resumes"),
    [
        (700, 599, False),
        (700, 600, True),
        (700, 601, True),
        (2_499, 0, False),
        (2_500, 0, True),
        (2_501, 0, True),
    ],
)
def test_a_paused_prompt_resumes_after_a_fixed_silence_or_sound(
    later_ms: int, silent_ms: int, resumes: bool
) -> None:
    prompt = Bargein()
    for at_ms in (1_000, 9_000, 17_000):
        assert prompt.speech(at_ms)
        assert prompt.nothing(at_ms + later_ms, silent_ms) is resumes
        assert prompt.nothing(at_ms + 5_000, 5_000) is not resumes


def test_unknown_words_around_a_partial_result_do_not_count() -> None:
    seen = Observation(20, 20, 1.0, -20.0, -65.0, ("[unk]", "four", "[unk]"))
    assert gated(seen, Stage.STOPPED, 0.5, near=True).partial == ("four",)
