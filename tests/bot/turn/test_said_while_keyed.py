"""Each digit said as its key is pressed is one digit, whichever comes first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scripted_turn import Caller, active

pytestmark = pytest.mark.unit

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
NUMBER = ("digits.grxml?length=6", "universals.grxml")


def said_and_keyed(digits: str, *, first: str, pause_ms: int = 200) -> Caller:
    caller = Caller(active(*NUMBER))
    for digit in digits:
        if first == "key":
            caller.presses(digit, every_ms=60).says(WORDS[int(digit)], hang=False)
        else:
            caller.says(WORDS[int(digit)], hang=False).presses(digit, every_ms=60)
        caller.is_silent(pause_ms)
    return caller.until_over()


@settings(max_examples=60, deadline=None)
@given(
    digits=st.text("0123456789", min_size=6, max_size=6),
    first=st.sampled_from(["key", "word"]),
    pause_ms=st.sampled_from([100, 300, 600]),
)
def test_a_number_that_is_spoken_and_keyed_is_the_keyed_one(
    digits: str, first: str, pause_ms: int
) -> None:
    assert said_and_keyed(digits, first=first, pause_ms=pause_ms).value == digits


def test_the_word_for_the_last_key_belongs_to_the_entry() -> None:
    caller = Caller(active(*NUMBER))
    for digit in "421903":
        caller.presses(digit, every_ms=100)
        if digit != "3":
            caller.says(WORDS[int(digit)], hang=False).is_silent(300)
    caller.is_silent(500)
    assert not caller.over
    assert caller.says("three").until_over().value == "421903"


def test_a_number_that_is_spoken_and_then_keyed_to_its_end_has_all_its_digits() -> None:
    assert (
        Caller(active(*NUMBER)).says("four two one").presses("903").until_over().value == "421903"
    )
