"""Several tries at one entry, and what they say together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialog.evidence import AnswerEvidence, EvidenceParameters, Heard, fits, knowing
from bot.numerals import BLANK
from bot.types import Interpretation, Mode

pytestmark = pytest.mark.unit

NUMBER, ONE_OFF, OTHER = "421903", "425903", "777777"


def heard(**shares: float) -> Heard:
    """Alternatives by value; a keyword may begin with an underscore."""
    return tuple(
        Interpretation("", value.lstrip("_").replace("x", BLANK), share, "voice", "number")
        for value, share in shares.items()
    )


def together(
    *tries: Heard, denied: tuple[str, ...] = (), length: int | None = 6
) -> dict[str, float]:
    all_tries = AnswerEvidence(length)
    for one in tries:
        all_tries.add(one)
    for value in denied:
        all_tries.deny(value)
    return {one.value: one.confidence for one in all_tries.ranked()}


# -- two tries --------------------------------------------------------------------------------


def test_a_single_attempt_is_unchanged() -> None:
    assert together(heard(_421903=0.6, _425903=0.3)) == {NUMBER: 0.6, ONE_OFF: 0.3}


@pytest.mark.parametrize(
    ("length", "tries", "probability"),
    [
        # right both times, against wrong both times: 12 other values share what each leaves
        (6, (heard(_421903=0.6), heard(_421903=0.7)), 0.42 / (0.42 + 0.4 * 0.3 / 12)),
        # one try is never quite sure, so that the next can speak against it
        (
            6,
            (heard(_421903=1.0), heard(_777777=0.9)),
            0.999 * 0.1 / 12 / (0.999 * 0.1 / 12 + 0.001 / 12 * 0.9 + 0.001 * 0.1 / 12),
        ),
        # of one digit there are nine others
        (1, (heard(_4=0.6), heard(_4=0.7)), 0.42 / (0.42 + 0.4 * 0.3 / 9)),
        # of two values in one try, the better one says how likely an error is
        (
            6,
            (heard(_421903=0.6, _425903=0.3), heard(_421903=0.7)),
            0.42 / (0.42 + 0.3 * 0.3 / 12 + 0.4 * 0.3 / 12),
        ),
        # a part says of no whole value that it is right
        (6, (heard(_421903=0.6), heard(_42x903=0.5)), 0.3 / (0.3 + 0.4 * 1.0 / 12)),
        (6, (heard(_421903=0.6), heard(_42x903=0.9)), 0.402 / (0.402 + 0.4 * 1.0 / 12)),
    ],
)
def test_two_attempts_have_a_combined_confidence(
    length: int, tries: tuple[Heard, ...], probability: float
) -> None:
    found = together(*tries, length=length)
    assert next(iter(found.values())) == pytest.approx(probability)


def test_the_same_number_heard_twice_has_a_higher_confidence_than_either_time() -> None:
    found = together(heard(_421903=0.6), heard(_421903=0.7))
    assert found[NUMBER] > 0.9


def test_two_different_numbers_have_lower_confidence_than_either_alone() -> None:
    found = together(heard(_421903=0.6), heard(_777777=0.7))
    assert found[NUMBER] < 0.6
    assert found[OTHER] < 0.7
    assert found[OTHER] > found[NUMBER]


def test_a_second_best_value_that_is_heard_again_comes_first() -> None:
    found = together(heard(_777777=0.5, _421903=0.4), heard(_421903=0.5, _425903=0.3))
    assert next(iter(found)) == NUMBER


def test_a_rejected_value_is_excluded_and_the_rest_is_weighed_without_it() -> None:
    tries = heard(_777777=0.6, _421903=0.4), heard(_777777=0.6, _421903=0.4)
    with_it, without = together(*tries), together(*tries, denied=(OTHER,))
    assert OTHER not in without
    assert without[NUMBER] > with_it[NUMBER]


def test_without_a_fixed_length_only_the_last_attempt_counts() -> None:
    assert together(heard(yes=0.3), heard(yes=0.4), length=None) == {"yes": 0.4}


# -- parts of a number ------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["_42190", "_42903", "_42x903", "_421xxx", "_4213"])
def test_an_earlier_part_supports_the_numbers_that_it_fits(part: str) -> None:
    alone = heard(_421903=0.5, _777777=0.4)
    before = together(heard(_421903=0.5, _777777=0.4))
    with_part = together(heard(**{part: 0.8}), alone)
    assert with_part[NUMBER] > before[NUMBER]
    assert with_part[OTHER] < before[OTHER]


def test_parts_alone_do_not_make_a_number() -> None:
    assert together(heard(_42190=0.9), heard(_21903=0.9)) == {}


@pytest.mark.parametrize(
    ("part", "fitting"),
    [
        ("421903", True),
        ("42?903", True),
        ("42190", True),
        ("21903", True),
        ("42903", True),
        ("4??903", True),
        ("", True),
        ("421904", False),
        ("43?903", False),
        ("42191", False),
        ("309124", False),
    ],
)
def test_a_part_fits_the_numbers_it_can_come_from(part: str, fitting: bool) -> None:
    assert fits(part, NUMBER) is fitting


# -- the digit that is not sure ---------------------------------------------------------------


def tries_of(*all_heard: Heard) -> AnswerEvidence:
    tries = AnswerEvidence(6)
    for one in all_heard:
        tries.add(one)
    return tries


def test_digits_on_which_all_values_agree_are_known() -> None:
    known = tries_of(heard(_421903=0.5, _425903=0.3, _429903=0.1)).all_but_one()
    assert known is not None
    assert known.value == "42?903"
    assert known.confidence == pytest.approx(0.9)


def test_evidence_for_the_missing_digit_is_kept_for_its_question() -> None:
    missing = tries_of(heard(_421903=0.5, _425903=0.3, _777777=0.1)).missing_in("42?903")
    assert {one.value: one.confidence for one in missing} == {
        "1": pytest.approx(0.625),
        "5": pytest.approx(0.375),
    }


def test_digits_that_two_values_share_are_known() -> None:
    known = tries_of(heard(_421903=0.5, _425903=0.3)).all_but_one()
    assert known is not None
    assert known.value == "42?903"
    assert known.confidence == pytest.approx(0.8)


def test_values_that_are_impossible_say_nothing_of_a_missing_digit() -> None:
    assert tries_of(heard(_421903=0.0, _425903=0.0)).missing_in("42?903") == ()


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("voice", "voice", "voice"),
        ("dtmf", "dtmf", "dtmf"),
        ("voice", "dtmf", "mixed"),
        ("dtmf", "voice", "mixed"),
        ("mixed", "mixed", "mixed"),
        ("mixed", "voice", "mixed"),
    ],
)
def test_a_value_that_was_spoken_and_keyed_is_mixed(
    first: Mode, second: Mode, together: Mode
) -> None:
    one = Interpretation("", NUMBER, 0.5, first, "number")
    tries = tries_of((one,), (replace(one, mode=second),))
    assert [each.mode for each in tries.ranked()] == [together]


def test_a_single_value_has_no_doubtful_digit() -> None:
    assert tries_of(heard(_421903=0.5)).all_but_one() is None


def test_digits_that_the_caller_rejected_are_not_known() -> None:
    tries = tries_of(heard(_421903=0.5, _425903=0.3))
    tries.deny("42?903")
    assert tries.ranked() == ()
    assert tries.all_but_one() is None


# -- any tries at all -------------------------------------------------------------------------

_value = st.text("0123456789", min_size=6, max_size=6) | st.sampled_from([NUMBER, ONE_OFF])
_part = st.text("0123456789", min_size=1, max_size=5) | st.sampled_from(["42?903", "4?1903"])


@st.composite
def _tries(draw: st.DrawFn) -> Heard:
    values = draw(st.lists(_value | _part, min_size=1, max_size=4, unique=True))
    weights = [draw(st.floats(0.01, 1.0)) for _ in values]
    sure = draw(st.floats(0.01, 1.0)) / sum(weights)
    return tuple(
        Interpretation("", value, weight * sure, "voice", "number")
        for value, weight in zip(values, weights, strict=True)
    )


@given(st.lists(_tries(), max_size=4), st.lists(_value | _part, max_size=2))
def test_ranked_values_share_one_probability_and_exclude_rejected_ones(
    tries: list[Heard], denied: list[str]
) -> None:
    found = together(*tries, denied=tuple(denied))
    assert sum(found.values()) <= 1.0 + 1e-9
    assert all(share >= 0.0 for share in found.values())
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert not [value for value in found for pattern in denied if fits(pattern, value)]


@given(_tries(), _tries())
def test_the_order_of_two_attempts_does_not_matter(first: Heard, second: Heard) -> None:
    one, other = together(first, second), together(second, first)
    assert one == {value: pytest.approx(share) for value, share in other.items()}


@given(st.floats(0.2, 0.99), st.floats(0.2, 0.99))
def test_hearing_the_same_value_again_never_lowers_its_confidence(a: float, b: float) -> None:
    assert together(heard(_421903=a), heard(_421903=b))[NUMBER] >= max(a, b)


def test_no_repr_shows_digits() -> None:
    assert NUMBER not in repr(tries_of(heard(_421903=0.5)).ranked())
    assert NUMBER not in repr(tries_of(heard(_421903=0.5)))


# -- what is known before anything is heard ---------------------------------------------------


def yes_or_no(**shares: float) -> Heard:
    return tuple(
        Interpretation("", value, share, "voice", "yesno") for value, share in shares.items()
    )


def test_a_prior_raises_the_confidence_of_a_likely_answer_and_lowers_that_of_an_unlikely_one() -> (
    None
):
    def sure(likely: float) -> float:
        (best,) = knowing(yes_or_no(yes=0.7), {"yes": likely, "no": 1 - likely})
        return best.confidence

    assert sure(0.5) == pytest.approx(0.7)
    assert sure(0.3) < 0.7 < sure(0.8)


def test_a_prior_can_change_which_answer_comes_first() -> None:
    best, other = knowing(yes_or_no(no=0.5, yes=0.4), {"yes": 0.9, "no": 0.1})
    assert (best.value, other.value) == ("yes", "no")


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_clear_answer_is_believed_whatever_its_prior(likely: float, sure: float) -> None:
    (best,) = knowing(yes_or_no(no=sure), {"yes": likely, "no": 1 - likely})
    assert 0.0 <= best.confidence <= 1.0
    if sure > 0.99:
        assert best.confidence > 0.9


def test_an_answer_without_a_prior_keeps_its_confidence() -> None:
    (best,) = knowing(yes_or_no(maybe=0.6), {"yes": 0.9, "no": 0.1})
    assert best.confidence == pytest.approx(0.6)


def test_the_worth_of_an_attempt_is_what_was_fitted_and_measured() -> None:
    """Decision 41 has the first two; with the last, the end of a long entry is only read back."""
    assert EvidenceParameters() == EvidenceParameters(
        spread=12.0, part=0.67, most_sure=0.999, most_prior=0.9, most_of_rest=0.6
    )
