"""At a read-back, "no, it's four two one …" gives the number that is meant."""

from __future__ import annotations

import pytest

from bot.grammar import ActiveGrammars
from tests.support.dialog_driver import LICENSE_NUMBER, PIN, Played, heard, play
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.unit

GRAMMARS = project_grammars()
UNSURE = heard("999999", 0.6, "voice", "license_number")
PIN_KEYED = heard(PIN)


def given(sure: float, value: str = LICENSE_NUMBER) -> Played:
    return play([UNSURE, heard(value, sure, "voice", "license_number"), PIN_KEYED])


def read_back(call: Played) -> list[str]:
    return [str(p.values["number"]) for p in call.prompts if p.key == "license_number.confirm"]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("no it's four two one nine oh three", "421903"),
        ("no four two one nine oh three", "421903"),
        ("four two one nine oh three", "421903"),
        ("no", None),
        ("yes", None),
    ],
)
def test_a_number_is_understood_at_a_yes_or_no_question(said: str, number: str | None) -> None:
    uris = ("yesno.grxml", "universals.grxml", "license_number.grxml?length=6")
    active = ActiveGrammars([GRAMMARS.get(uri) for uri in uris], asides=GRAMMARS.asides)
    heard = active.match("voice", said.split())
    assert heard.answer.complete
    values = [value for grammar, value in heard.values if grammar == "license_number"]
    assert values == ([number] if number else [])


def test_digits_weigh_less_at_a_yes_or_no_question_than_at_a_number() -> None:
    yes_or_no, number = "yesno.grxml", "license_number.grxml?length=6"
    told = [
        ActiveGrammars([GRAMMARS.get(uri) for uri in uris], asides=GRAMMARS.asides).phrases()
        for uris in ((yes_or_no, number), (number,), (yes_or_no,))
    ]
    beside, asked, alone = (phrases.count("nine") for phrases in told)
    assert 10 * alone < beside < asked / 4


def test_a_confident_number_is_accepted_without_another_read_back() -> None:
    call = given(0.99)
    assert call.outcome.license_number == LICENSE_NUMBER
    assert read_back(call) == ["999999"]


def test_an_uncertain_number_is_read_back_in_turn() -> None:
    call = play(
        [UNSURE, heard(LICENSE_NUMBER, 0.6, "voice", "license_number"), heard("yes"), PIN_KEYED]
    )
    assert read_back(call) == ["999999", LICENSE_NUMBER]
    assert call.outcome.license_number == LICENSE_NUMBER


def test_a_keyed_number_is_accepted() -> None:
    call = play([UNSURE, heard(LICENSE_NUMBER), PIN_KEYED])
    assert call.outcome.license_number == LICENSE_NUMBER
    assert read_back(call) == ["999999"]


def test_a_number_that_was_rejected_at_its_read_back_is_not_accepted() -> None:
    call = given(0.99, "999999")
    assert call.collects[2].field == "license_number"
    assert read_back(call) == ["999999"]


@pytest.mark.parametrize(("sure", "asks"), [(0.95, "pin"), (0.89, "license_number")])
def test_the_number_can_be_given_again_after_a_refused_pin_too(sure: float, asks: str) -> None:
    spoken = heard("999999", 0.99, "voice", "license_number")
    again = heard(LICENSE_NUMBER, sure, "voice", "license_number")
    call = play([spoken, heard("1111"), again])
    assert call.collects[2].prompts[-1].key == "license_number.check"
    assert call.collects[3].field == asks
    assert play([spoken, heard("1111"), heard(LICENSE_NUMBER), PIN_KEYED]).outcome.verified
