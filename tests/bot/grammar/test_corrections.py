"""Numbers that are taken back, as words."""

from __future__ import annotations

import pytest

from bot.grammar import ActiveGrammars, Answer
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.unit

GRAMMARS = project_grammars()


def listening(field: str) -> ActiveGrammars:
    pairs = [GRAMMARS.get(field), GRAMMARS.get("universals.grxml")]
    return ActiveGrammars(pairs, asides=GRAMMARS.asides)


NUMBER, PIN = listening("license_number.grxml?length=6"), listening("pin.grxml")
TAKEN = "four two one nine oh four"
MEANT = "four two one nine oh three"


@pytest.mark.parametrize(
    "mark",
    [
        "no", "no no", "no wait", "nope", "sorry", "oh sorry", "i'm sorry", "i mean", "no i mean",
        "oops", "whoops", "actually", "correction", "wait", "hold on", "make that", "scratch that",
        "excuse me", "that's wrong it's", "uh no that's not right", "let me try again",
    ],
)  # fmt: skip
def test_the_number_after_a_correction_is_the_one_that_counts(mark: str) -> None:
    heard = NUMBER.match("voice", f"{TAKEN} {mark} {MEANT}".split())
    assert heard.values == (("license_number", "421903"),)
    assert (heard.answer, heard.spliced) == (Answer.MAX, False)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (f"{TAKEN} no three", "421903"),
        (f"{TAKEN} no oh three", "421903"),
        (f"{TAKEN} oops nine oh three", "421903"),
        (f"{TAKEN} sorry the last three digits are nine oh three", "421903"),
        (f"{TAKEN} no the last digit is three", "421903"),
        (f"{TAKEN} no five no three", "421903"),
    ],
)
def test_fewer_digits_replace_the_last_ones_and_have_to_be_read_back(said: str, value: str) -> None:
    heard = NUMBER.match("voice", said.split())
    assert heard.values == (("license_number", value),)
    assert (heard.answer, heard.spliced) == (Answer.MATCH, True)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("five eight two nine no five eight two seven", "5827"),
        ("five eight two nine sorry seven", "5827"),
        ("five eight no five eight two seven", "5827"),
        ("fifty eight twenty nine i mean twenty seven", "5827"),
    ],
)
def test_a_pin_can_be_corrected_like_a_number(said: str, value: str) -> None:
    assert PIN.match("voice", said.split()).values == (("pin", value),)


@pytest.mark.parametrize("said", [f"{TAKEN} no", f"{TAKEN} i mean", f"{TAKEN} no four two"])
def test_a_number_followed_by_a_correction_alone_is_withdrawn(said: str) -> None:
    heard = NUMBER.match("voice", said.split())
    assert heard.answer in (Answer.POTENTIAL, Answer.MATCH)
    assert ("license_number", "421904") not in heard.values


def test_a_command_that_could_be_a_correction_waits_for_more() -> None:
    assert NUMBER.match("voice", f"{TAKEN} wait".split()).answer is Answer.MATCH
    assert NUMBER.match("voice", f"{TAKEN} start over".split()).answer is Answer.MAX


@pytest.mark.parametrize(
    "said",
    ["six oh one five five five one two three four", f"{TAKEN} five eight two nine"],
)
def test_more_digits_than_a_number_has_are_not_a_number(said: str) -> None:
    assert NUMBER.match("voice", said.split()).answer is Answer.NO
    assert NUMBER.too_long(said.split())


@pytest.mark.parametrize("said", [TAKEN, "four two", f"{TAKEN} please", "representative"])
def test_an_entry_of_the_length_of_a_number_is_not_too_long(said: str) -> None:
    assert not NUMBER.too_long(said.split())


def test_a_choice_cannot_be_corrected() -> None:
    menu = listening("menu.grxml")
    assert menu.match("voice", ["status", "no", "activity"]).answer is Answer.NO
