"""One collect, event by event: keys, and keys together with speech."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.turn.key_timer import FullEntry
from bot.turn.parameters import TurnParameters, UtteranceParameters
from bot.types import Hypothesis, Match, NoInput, NoMatch
from tests.support.scripted_turn import (
    MENU,
    UNIVERSALS,
    VALUE,
    YESNO,
    Caller,
    active,
    number,
)

pytestmark = pytest.mark.unit

DIGIT_WORDS = dict(
    zip(
        "0123456789",
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
        strict=True,
    )
)


def test_a_keyed_number_is_answered_with_its_last_key() -> None:
    caller = number().presses("42190")
    assert not caller.over
    caller.presses("3", every_ms=0)
    assert caller.over
    assert caller.value == VALUE
    assert caller.machine.log.timing.reply_after_ms == 0


def test_keys_with_long_pauses_between_them_are_waited_for() -> None:
    assert number().presses(VALUE, every_ms=4_500).value == VALUE


def test_too_few_keys_are_a_nomatch_that_keeps_them() -> None:
    caller = number().presses("421").until_over()
    assert caller.partial == ["421"]
    assert isinstance(caller.machine.result, NoMatch)
    assert caller.machine.result.mode == "dtmf"


def test_the_terminator_ends_an_entry_that_is_too_short_at_once() -> None:
    caller = number().presses("421#", every_ms=100)
    assert caller.partial == ["421"]


def test_a_terminator_left_over_from_the_entry_before_stops_no_prompt() -> None:
    caller = number(playing=True).presses("#")
    assert not caller.over
    assert caller.did == []


def test_a_terminator_with_a_meaning_in_the_grammar_has_that_meaning_once_a_prompt_was_heard() -> (
    None
):
    login = ("license_number.grxml?length=6", UNIVERSALS, "universals_login.grxml")
    at_once = Caller(active(*login)).presses("#")
    assert not at_once.over
    assert at_once.is_silent(2_000).presses("#").until_over().value == "information"
    assert Caller(active(*login)).presses("421#", every_ms=100).partial == ["421"]


def test_zero_alone_reaches_a_person_unless_another_key_follows() -> None:
    assert number().presses("0").until_over().value == "representative"


def test_a_star_after_some_keys_is_the_command() -> None:
    caller = number().presses("42*", every_ms=100)
    assert isinstance(caller.machine.result, Match)
    assert caller.machine.result.best.grammar == "universals"


def test_keys_without_a_meaning_are_one_nomatch_together() -> None:
    caller = Caller(active(*YESNO)).presses("7127", every_ms=200)
    assert not caller.over
    assert isinstance(caller.until_over().machine.result, NoMatch)


def test_keys_typed_ahead_have_the_full_interdigit_timeout_from_the_start() -> None:
    caller = number()
    caller.is_silent(1_000)
    caller.machine.on_key("4", -20_000)
    caller.is_silent(4_900)
    assert not caller.over


def test_words_followed_by_keys_are_one_entry() -> None:
    caller = number().says("four two one").is_silent(800).presses("903").until_over()
    assert caller.value == VALUE
    assert isinstance(caller.machine.result, Match)
    assert caller.machine.result.best.mode == "mixed"


def test_keys_followed_by_words_are_one_entry() -> None:
    caller = number().presses("421").says("nine oh three").until_over()
    assert caller.value == VALUE


def test_a_key_in_the_middle_of_a_word_keeps_the_words_before() -> None:
    caller = number().says("four two one", hang=False).presses("903").until_over()
    assert caller.value == VALUE


def test_a_phantom_word_before_the_keys_does_not_cut_a_keyed_number() -> None:
    caller = number().says("two").is_silent(500).presses(VALUE, every_ms=600).until_over()
    assert caller.value == VALUE


def test_another_key_is_awaited_if_a_word_could_have_been_noise() -> None:
    caller = number().says("four two one").presses("90", every_ms=300).presses("3", every_ms=0)
    assert not caller.over
    pressed_ms = caller.now_ms
    assert caller.until_over().now_ms - pressed_ms == 1_500


def test_a_line_can_have_longer_clicks() -> None:
    noisy = TurnParameters(utterance=UtteranceParameters(least_word_ms=400, least_speech_ms=600))
    caller = Caller(active(*YESNO), parameters=noisy)
    caller.also_heard = [Hypothesis(("yes",))]
    caller.hears_noise(300, level_db=-20).is_silent(4_000)
    assert not caller.over


def test_noise_between_keys_restarts_their_timer() -> None:
    caller = number().presses("421").hears_noise(160, level_db=-20).is_silent(4_000)
    assert not caller.over
    assert caller.presses("903").value == VALUE


@pytest.mark.parametrize("coughs", [1, 2, 5])
def test_keys_followed_by_noise_end_after_the_interdigit_timeout(coughs: int) -> None:
    """It counts from when the noise is known to be none of the entry: 2.5 s after it."""
    caller = number().presses("421")
    for _ in range(coughs):
        caller.is_silent(3_000).hears_noise(160, level_db=-20)
    coughed_ms = caller.now_ms
    assert caller.until_over(at_most_ms=8_000).partial == ["421"]
    assert caller.now_ms - coughed_ms == 2_500 + 5_000


def test_noise_followed_by_nothing_is_silence_from_the_end_of_the_prompt() -> None:
    caller = number(playing=True).prompt_ends()
    caller.hears_noise(160, level_db=-20).until_over(at_most_ms=11_000)
    assert caller.machine.result == NoInput()
    assert caller.now_ms == 10_000


def test_a_command_spoken_after_keys_is_the_command() -> None:
    caller = number().presses("42").says("representative").until_over()
    assert caller.value == "representative"


@settings(max_examples=60, deadline=None)
@given(st.text("0123456789", min_size=6, max_size=6), st.data())
def test_any_interleaving_of_spoken_and_keyed_digits_gives_the_string(
    digits: str, data: st.DataObject
) -> None:
    cuts = data.draw(st.sets(st.integers(1, 5)))
    spoken_first = data.draw(st.booleans())
    edges = [0, *sorted(cuts), len(digits)]
    assume(all(digits[cut - 1] != digits[cut] for cut in cuts))  # a digit said and keyed is one
    caller = number()
    for index, (start, end) in enumerate(pairwise(edges)):
        part = digits[start:end]
        if (index % 2 == 0) == spoken_first:
            caller.says(" ".join(DIGIT_WORDS[digit] for digit in part))
            caller.is_silent(data.draw(st.sampled_from([0, 200, 1_000])))
        else:
            caller.presses(part, every_ms=data.draw(st.sampled_from([60, 400, 1_200])))
    assert caller.until_over().value == digits


def test_a_surplus_key_of_the_entry_before_is_noted_and_ignored() -> None:
    caller = Caller(active(*MENU), after=FullEntry(0, 300, secret=False)).is_silent(200)
    caller.presses("7")
    assert caller.machine.log.timeline == [(200, "key of too long an entry: ignored")]
    assert caller.machine.entry.empty
