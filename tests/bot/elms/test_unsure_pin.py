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


def test_an_uncertain_pin_is_neither_read_back_nor_submitted() -> None:
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
def test_only_a_keyed_or_confident_pin_is_submitted(mode: Mode, sure: float, spent: bool) -> None:
    call = play([heard(LICENSE_NUMBER), heard(PIN, sure, mode)])
    assert len([one for one in call.requests if isinstance(one, Verify)]) == spent


def test_a_pin_that_two_attempts_make_certain_is_submitted_once() -> None:
    unsure = alternatives(_5827=0.8, _5927=0.1)
    call = play([heard(LICENSE_NUMBER), unsure, unsure, heard("goodbye")])
    assert call.outcome.verified
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == [PIN]


def test_an_uncertain_pin_with_a_missing_digit_is_keyed_as_a_whole() -> None:
    gap = NoMatch("voice", (Interpretation("", "58?7", 0.9, "voice", "pin"),))
    call = play([heard(LICENSE_NUMBER), gap, alternatives(_5827=0.5, _5927=0.45), heard(PIN)])
    assert [collect.field for collect in call.collects][1:4] == ["pin", "pin", "pin"]
    assert numbers_spoken(call) == []
    assert call.outcome.verified


def test_a_refused_pin_that_is_heard_again_is_keyed_and_not_submitted_again() -> None:
    misheard = alternatives(_5927=0.97, _5827=0.02)
    call = play([SPOKEN, misheard, heard("yes"), misheard, heard(PIN)])
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == ["5927", PIN]
    assert call.outcome.verified


def test_a_refused_pin_is_submitted_again_when_the_caller_keys_it() -> None:
    call = play([SPOKEN, heard("5927"), heard("yes"), heard("5927")])
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == ["5927", "5927"]


def test_a_refused_pin_can_be_right_with_another_number() -> None:
    spoken = alternatives(_5827=0.97)
    call = play([heard("999999"), spoken, heard(LICENSE_NUMBER), spoken])
    assert call.outcome.verified


def test_a_refused_pin_is_not_submitted_again_with_the_same_number_keyed_again() -> None:
    number, spoken = heard(LICENSE_NUMBER), alternatives(_5927=0.97)
    call = play([number, spoken, number, spoken, heard(PIN)])
    assert [r.pin for r in call.requests if isinstance(r, Verify)] == ["5927", PIN]


_pin = st.text("0123456789", min_size=4, max_size=4) | st.just(PIN)


@given(st.lists(st.lists(st.tuples(_pin, st.floats(0, 1)), min_size=1, max_size=3), max_size=6))
@example([[(PIN, 0.95)]])
def test_no_pin_is_submitted_that_all_attempts_together_leave_uncertain(
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


def test_a_pin_followed_by_the_key_for_a_person_is_not_read_back_either() -> None:
    misplaced = NoMatch("dtmf", (Interpretation("", f"{PIN}0", 1.0, "dtmf", "license_number"),))
    call = play([misplaced, *LOGIN, heard("goodbye")])
    assert "license_number.partial" not in call.said()
    assert PIN not in str([dict(prompt.values) for prompt in call.prompts])


def test_the_end_of_a_pin_is_not_read_back_at_the_question_for_the_last_digits() -> None:
    half = NoMatch("voice", (Interpretation("", "421", 0.5, "voice", "license_number"),))
    misplaced = NoMatch("voice", (Interpretation("", PIN[1:], 1.0, "voice", "digits"),))
    call = play([half, heard("yes"), misplaced, heard("903"), heard(PIN), heard("goodbye")])
    assert PIN[1:] not in str([dict(prompt.values) for prompt in call.prompts])
    assert call.outcome.license_number == LICENSE_NUMBER
