"""What is got ready while the caller may just have finished, and what becomes of it."""

from __future__ import annotations

import pytest

from bot.turn.bargein import Stage
from tests.support.scripted_turn import (
    MENU,
    NOISE_DB,
    SPEECH_DB,
    SPOKEN,
    VALUE,
    Caller,
    active,
    number,
)

pytestmark = pytest.mark.unit


def test_the_result_is_prepared_once_the_level_has_fallen() -> None:
    """Before the detector, which lags: it still takes the quiet line for speech."""
    caller = number().says(SPOKEN, hang=False)
    assert not caller.prepared
    caller.hears_noise(60, level_db=NOISE_DB)
    assert caller.prepared == [1_820]
    assert not caller.machine.attention.listening
    assert caller.until_over().value == VALUE
    assert caller.prepared == [1_820]


def test_an_incomplete_number_is_got_ready_when_the_detector_hears_silence() -> None:
    caller = number().says("four two one", hang=False).hears_noise(100, level_db=NOISE_DB)
    assert not caller.prepared
    assert caller.is_silent(200).prepared == [1_020]


def test_the_words_of_a_command_need_not_be_complete() -> None:
    caller = Caller(active(*MENU)).says("license hundred", hang=False)
    assert caller.hears_noise(40, level_db=NOISE_DB).prepared == [620]


def test_a_caller_who_continues_is_heard_and_the_next_silence_is_prepared_again() -> None:
    caller = number().says(SPOKEN, hang=False).hears_noise(60, level_db=NOISE_DB)
    caller.hears_noise(60, level_db=SPEECH_DB)
    assert caller.machine.attention.listening
    assert not caller.over
    caller.until_over()
    assert len(caller.prepared) == 2
    assert caller.value == VALUE


def test_a_silence_is_prepared_once() -> None:
    caller = number().says("four two one").is_silent(2_000)
    assert len(caller.prepared) == 1
    assert caller.machine.attention.listening is False, "350 ms behind speech"


def test_over_a_paused_prompt_words_are_waited_for_before_anything_is_got_ready() -> None:
    wordless = Caller(active(*MENU), playing=True).hears_noise(160, level_db=SPEECH_DB)
    assert not wordless.is_silent(300).prepared
    caller = Caller(active(*MENU), playing=True).says("goodbye", hang=False)
    caller.hears_noise(40, level_db=NOISE_DB, probability=0.6)
    assert caller.prepared == [320]
    assert caller.machine.states.prompt is Stage.PAUSED
    assert caller.until_over().value == "goodbye"
    assert caller.prepared == [320]
