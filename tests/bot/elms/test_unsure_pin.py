"""A PIN that is not sure, or given at the wrong question."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.dialog.decision import points, ways
from bot.dialog.evidence import AnswerEvidence
from bot.elms.requests import (
    Verify,
)
from bot.settings import Settings
from bot.types import (
    Interpretation,
    Match,
    Mode,
    NoMatch,
    Result,
)
from tests.support.dialog_driver import (
    LICENSE_NUMBER,
    PIN,
    alternatives,
    heard,
    numbers_spoken,
    play,
)

pytestmark = pytest.mark.unit

LOGIN: list[Result] = [heard(LICENSE_NUMBER), heard(PIN)]
SPOKEN = heard(LICENSE_NUMBER, 0.99, "voice")


def test_an_unsure_pin_is_neither_read_back_nor_spent() -> None:
    call = play([heard(LICENSE_NUMBER), heard(PIN, 0.5, "voice"), heard(PIN), heard("goodbye")])
    assert call.outcome.verified
    assert len([r for r in call.requests if isinstance(r, Verify)]) == 1


@pytest.mark.parametrize(
    ("mode", "sure", "spent"),
    [
        ("dtmf", 0.01, True),
        ("voice", 0.01, False),
        ("mixed", 0.01, False),
        ("mixed", 0.9, False),
        ("voice", 0.9, False),
        ("mixed", 0.999, True),
        ("voice", 0.999, True),
    ],
)
def test_an_attempt_at_the_pin_is_spent_on_keys_or_on_what_is_sure(
    mode: Mode, sure: float, spent: bool
) -> None:
    call = play([heard(LICENSE_NUMBER), heard(PIN, sure, mode)])
    assert len([one for one in call.requests if isinstance(one, Verify)]) == spent


def test_a_pin_that_two_tries_make_sure_is_spent_once() -> None:
    unsure = alternatives(_5827=0.8, _5927=0.1)
    call = play([heard(LICENSE_NUMBER), unsure, unsure, heard("goodbye")])
    assert call.outcome.verified
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == [PIN]


def test_an_unsure_pin_of_which_one_digit_is_missing_is_keyed_as_a_whole() -> None:
    gap = NoMatch("voice", (Interpretation("", "58?7", 0.9, "voice", "pin"),))
    call = play([heard(LICENSE_NUMBER), gap, alternatives(_5827=0.5, _5927=0.45), heard(PIN)])
    assert [collect.field for collect in call.collects][1:4] == ["pin", "pin", "pin"]
    assert numbers_spoken(call) == []
    assert call.outcome.verified


def test_a_refused_pin_that_is_heard_again_is_not_spent_again_but_keyed() -> None:
    misheard = alternatives(_5927=0.97, _5827=0.02)
    call = play([SPOKEN, misheard, heard("yes"), misheard, heard(PIN)])
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == ["5927", PIN]
    assert call.outcome.verified


def test_a_refused_pin_that_is_keyed_is_spent_for_the_caller_wants_it() -> None:
    call = play([SPOKEN, heard("5927"), heard("yes"), heard("5927")])
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == ["5927", "5927"]


def test_with_another_number_a_refused_pin_may_be_right() -> None:
    spoken = alternatives(_5827=0.97)
    call = play([heard("999999"), spoken, heard(LICENSE_NUMBER), spoken])
    assert call.outcome.verified


def test_with_the_same_number_keyed_again_a_refused_pin_is_not_spent_again() -> None:
    number, spoken = heard(LICENSE_NUMBER), alternatives(_5927=0.97)
    call = play([number, spoken, number, spoken, heard(PIN)])
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == ["5927", PIN]


_pin = st.text("0123456789", min_size=4, max_size=4) | st.just(PIN)


@given(st.lists(st.lists(st.tuples(_pin, st.floats(0, 1)), min_size=1, max_size=3), max_size=6))
@example([[(PIN, 0.95)]])
def test_no_pin_is_spent_that_all_tries_together_leave_unsure(
    tries: list[list[tuple[str, float]]],
) -> None:
    spoken: list[Result] = [
        Match(tuple(Interpretation("", pin, share, "voice", "pin") for pin, share in one))
        for one in tries
    ]
    point = points(ways(Settings().costs, "secret")).accept
    call = play([heard(LICENSE_NUMBER), *spoken])
    spent = [r.pin for r in call.requests if isinstance(r, Verify)][:1]
    together, expected = AnswerEvidence(4), []
    for one in spoken[:3]:
        assert isinstance(one, Match)
        together.add(one.nbest)
        best = together.ranked()[0]
        if best.confidence >= point:
            expected = [best.value]
            break
    assert spent == expected
    assert set(numbers_spoken(call)) <= {LICENSE_NUMBER}


def test_a_pin_said_in_place_of_the_license_number_is_not_read_back() -> None:
    misplaced = NoMatch("voice", (Interpretation("", PIN, 0.5, "voice", "license_number"),))
    call = play([misplaced, *LOGIN, heard("goodbye")])
    assert "license_number.partial" not in call.said()
    assert PIN not in str([dict(prompt.values) for prompt in call.prompts])


def test_a_pin_with_the_key_for_a_person_behind_it_is_not_read_back_either() -> None:
    misplaced = NoMatch("dtmf", (Interpretation("", f"{PIN}0", 1.0, "dtmf", "license_number"),))
    call = play([misplaced, *LOGIN, heard("goodbye")])
    assert "license_number.partial" not in call.said()
    assert PIN not in str([dict(prompt.values) for prompt in call.prompts])


def test_the_end_of_a_pin_is_not_read_back_where_the_last_digits_were_asked_for() -> None:
    half = NoMatch("voice", (Interpretation("", "421", 0.5, "voice", "license_number"),))
    misplaced = NoMatch("voice", (Interpretation("", PIN[1:], 1.0, "voice", "digits"),))
    call = play([half, heard("yes"), misplaced, heard("903"), heard(PIN), heard("goodbye")])
    assert PIN[1:] not in str([dict(prompt.values) for prompt in call.prompts])
    assert call.outcome.license_number == LICENSE_NUMBER
