"""One collect, event by event: what pauses, resumes, and stops its prompt."""

from __future__ import annotations

import pytest

from bot.turn.actions import Action
from bot.types import NoInput, Properties
from tests.support.scripted_turn import (
    SPOKEN,
    VALUE,
    number,
)

pytestmark = pytest.mark.unit


def test_speech_pauses_the_prompt_and_a_word_stops_it() -> None:
    caller = number(playing=True).is_silent(1_000).says(SPOKEN).until_over()
    assert [action for _, action in caller.did] == [Action.PAUSE_PROMPT, Action.STOP_PROMPT]
    assert caller.value == VALUE
    assert caller.machine.log.bargein


def test_sound_without_a_word_pauses_the_prompt_for_a_moment() -> None:
    caller = number(playing=True).is_silent(1_000).hears_noise(300, level_db=-20).is_silent(2_000)
    assert [action for _, action in caller.did] == [Action.PAUSE_PROMPT, Action.RESUME_PROMPT]
    assert not caller.over
    caller.says("one").until_over()
    assert [action for _, action in caller.did][-2:] == [Action.PAUSE_PROMPT, Action.STOP_PROMPT]


def test_a_voice_in_the_background_pauses_no_prompt() -> None:
    caller = number(playing=True, caller_db=-20.0).is_silent(1_000)
    assert caller.says("four two one", level_db=-30).is_silent(1_000).did == []


def test_ten_minutes_of_babble_stop_no_prompt() -> None:
    caller = number(playing=True, caller_db=-20.0)
    caller.hears_noise(600_000, level_db=-30)
    assert Action.STOP_PROMPT not in [action for _, action in caller.did]
    assert not caller.over


def test_keys_stop_the_prompt_at_once() -> None:
    caller = number(playing=True).is_silent(500).presses("4", every_ms=0)
    assert caller.did == [(500, Action.STOP_PROMPT)]


def test_without_bargein_only_keys_stop_the_prompt() -> None:
    caller = number(playing=True, properties=Properties(bargein=False))
    assert caller.says(SPOKEN).is_silent(1_000).did == []
    assert not caller.over
    caller.presses("4", every_ms=0)
    assert [action for _, action in caller.did] == [Action.STOP_PROMPT]


def test_without_bargein_the_caller_is_heard_once_the_prompt_has_ended() -> None:
    caller = number(playing=True, properties=Properties(bargein=False))
    caller.hears_noise(700, level_db=-20).is_silent(1_000)
    assert caller.machine.attention.deaf
    caller.prompt_ends()
    assert not caller.machine.attention.deaf
    assert caller.is_silent(500).says(SPOKEN).until_over(at_most_ms=2_000).value == VALUE


def test_without_bargein_the_caller_is_heard_after_a_key_that_stopped_the_prompt() -> None:
    caller = number(playing=True, properties=Properties(bargein=False))
    caller.is_silent(1_000).presses("4")
    assert not caller.machine.attention.deaf
    caller.says("two one nine oh three").until_over(at_most_ms=2_000)
    assert caller.value == VALUE


def test_without_bargein_silence_counts_from_the_end_of_the_prompt() -> None:
    caller = number(playing=True, properties=Properties(bargein=False)).is_silent(20_000)
    assert not caller.over
    caller.prompt_ends().until_over(at_most_ms=10_000)
    assert (caller.machine.result, caller.now_ms) == (NoInput(), 30_000)


def test_silence_after_a_bargein_counts_from_the_bargein() -> None:
    caller = number(playing=True).is_silent(20_000).presses("4")
    assert not caller.over
