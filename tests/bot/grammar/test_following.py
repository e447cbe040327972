"""How an entry may go on: what a search through all that may be said steps along."""

from __future__ import annotations

import pytest

from bot.types import Following
from tests.support.grammar_text import Load
from tests.support.scripted_turn import active

pytestmark = pytest.mark.unit

GREETING = """
  <rule id="r">
    good
    <item repeat="0-1">old</item>
    <one-of><item>day</item><item>morning</item></one-of>
    <item repeat="0-1">sir</item>
  </rule>"""


@pytest.mark.parametrize(
    ("said", "following"),
    [
        ("", Following(("good",), complete=False)),
        ("good", Following(("old", "day", "morning"), complete=False)),
        ("good old", Following(("day", "morning"), complete=False)),
        ("good day", Following(("sir",), complete=True)),
        ("good day sir", Following((), complete=True)),
        ("day", Following((), complete=False)),
    ],
)
def test_the_next_words_and_whether_there_need_be_any(
    load: Load, said: str, following: Following
) -> None:
    found = load(GREETING).after(said.split())
    assert (set(found.words), found.complete) == (set(following.words), following.complete)


def test_no_key_follows_a_spoken_word() -> None:
    digits = active("pin.grxml?length=4")
    found = digits.after(("five", "eight"))
    assert {"two", "oh", "double", "uh"} <= set(found.words)
    assert not set("0123456789*#") & set(found.words)
    assert not found.complete


def test_a_number_that_is_whole_has_no_more_digits() -> None:
    digits = active("pin.grxml?length=4")
    pin = ("five", "eight", "two", "seven")
    assert digits.after(pin).complete
    assert not digits.after((*pin, "nine")).words


def test_commands_follow_as_well_as_answers() -> None:
    asked = active("yesno.grxml", "universals.grxml")
    found = asked.after(())
    assert {"yes", "no", "help", "goodbye"} <= set(found.words)
    assert asked.after(("slow",)) == Following(("down",), complete=False)
