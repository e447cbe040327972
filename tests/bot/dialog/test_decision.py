"""What is done with an unsure answer follows from what things cost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError
from typer.testing import CliRunner

from bot.__main__ import app
from bot.dialog.decision import Stake, Ways, choose, expected, points, ways
from bot.settings import Costs

pytestmark = pytest.mark.unit

COSTS = Costs()
STAKES: tuple[Stake, ...] = ("number", "choice", "passed", "secret")
probability = st.floats(0.0, 1.0)
seconds = st.floats(0.1, 3_600.0)


@st.composite
def any_ways(draw: st.DrawFn) -> Ways:
    denied = draw(seconds)
    confirm = draw(st.none() | seconds)
    return Ways(
        wrong=draw(seconds),
        denied=denied,
        reject=draw(st.just(denied) | seconds),
        confirm=confirm,
        complete=None if confirm is None else confirm + draw(seconds),
    )


@pytest.mark.parametrize(
    ("known", "costs"),
    [
        (0.9, {"accept": 20.0, "confirm": 11.0, "complete": 8.0, "reject": 25.0}),
        (0.8, {"accept": 20.0, "confirm": 11.0, "reject": 25.0}),  # no surer with a digit left open
        (0.0, {"accept": 20.0, "confirm": 11.0, "reject": 25.0}),
    ],
)
def test_each_choice_has_an_expected_cost(known: float, costs: dict[str, float]) -> None:
    open_ways = Ways(wrong=100.0, denied=20.0, reject=25.0, confirm=7.0, complete=6.0)
    assert expected(open_ways, 0.8, known) == pytest.approx(costs)
    without = {way: cost for way, cost in costs.items() if way not in ("confirm", "complete")}
    assert expected(Ways(100.0, 20.0, 25.0), 0.8, known) == pytest.approx(without)


@given(any_ways(), probability, probability)
def test_the_chosen_way_costs_least(open_ways: Ways, sure: float, known: float) -> None:
    costs = expected(open_ways, sure, known)
    assert costs[choose(open_ways, sure, known)] == min(costs.values())


@given(any_ways(), probability)
def test_the_thresholds_are_where_the_choice_changes(open_ways: Ways, sure: float) -> None:
    found = points(open_ways)
    assert 0.0 <= found.confirm <= 1.0
    assume(min(abs(sure - found.accept), abs(sure - found.confirm)) > 1e-6)
    if open_ways.confirm is not None and open_ways.confirm >= open_ways.reject:
        open_ways = replace(open_ways, confirm=None, complete=None)
        found = points(open_ways)
        assume(abs(sure - found.accept) > 1e-6)
    choice = choose(open_ways, sure)
    assert (choice == "accept") == (sure > found.accept)
    assert (choice == "confirm") == (found.confirm < sure < found.accept)


@given(any_ways(), probability, probability)
def test_a_more_confident_answer_is_never_trusted_less(
    open_ways: Ways, one: float, other: float
) -> None:
    lower, higher = sorted((one, other))
    if choose(open_ways, lower) == "accept":
        assert choose(open_ways, higher) == "accept"


@given(probability, probability, st.integers(0, 5))
def test_a_pin_is_accepted_or_keyed_and_never_read_back(
    sure: float, known: float, misses: int
) -> None:
    choice = choose(ways(COSTS, "secret", misses), sure, known)
    assert choice == ("accept" if sure >= points(ways(COSTS, "secret")).accept else "reject")


def test_a_higher_cost_of_a_wasted_pin_requires_more_confidence() -> None:
    dear = Costs(wasted_pin=2 * COSTS.wasted_pin)
    assert points(ways(dear, "secret")).accept > points(ways(COSTS, "secret")).accept


def test_the_shipped_costs_have_these_thresholds() -> None:
    number = points(ways(COSTS, "number"))
    assert (round(number.accept, 2), round(number.confirm, 2)) == (0.96, 0.35)
    assert round(points(ways(COSTS, "passed")).accept, 2) == 0.89
    assert round(points(ways(COSTS, "choice")).accept, 2) == 0.5
    assert round(points(ways(COSTS, "secret")).accept, 2) == 0.96


def test_fewer_answers_are_read_back_after_a_miss_because_keying_comes_next() -> None:
    first, second = (points(ways(COSTS, "number", misses)) for misses in (0, 1))
    assert second.confirm > first.confirm


def test_on_the_last_attempt_a_number_is_read_back_before_the_caller_is_transferred() -> None:
    last = ways(COSTS, "number", misses=2, tries=3)
    assert choose(last, 0.1) == "confirm"
    assert points(last).accept >= points(ways(COSTS, "number")).accept


@pytest.mark.parametrize(
    ("sure", "choice"), [(0.5, "complete"), (0.8, "confirm"), (0.97, "accept")]
)
def test_one_doubtful_digit_is_asked_for_when_the_rest_is_certain(sure: float, choice: str) -> None:
    assert choose(ways(COSTS, "number"), sure, known=0.98) == choice


@pytest.mark.parametrize(
    ("costs", "says"),
    [
        ({"confirm": 30}, "confirm must cost less than again"),
        ({"wasted_pin": 12}, "keypad must cost less than wasted_pin, or every PIN is spent"),
        ({"wrong_number": 10}, "every number is taken as it is heard"),
        ({"wrong_choice": 10}, "every choice is taken as it is heard"),
        ({"person": 15}, "again must cost less than person"),
        ({"missing": 0}, "greater than 0"),
    ],
)
def test_nonsensical_costs_are_refused(costs: dict[str, float], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Costs(**costs)


def test_the_thresholds_can_be_printed(tmp_path: Path) -> None:
    file = tmp_path / "elms-ivr.toml"
    file.write_text("[costs]\nwasted_pin = 1200\n")
    shown = CliRunner().invoke(app, ["costs"])
    assert shown.exit_code == 0
    assert (
        "license number   try 1: accepted from 0.96, read back from 0.35, below: asked"
        in shown.stdout
    )
    assert "PIN              try 1: accepted from 0.96, below: the keypad" in shown.stdout
    dear = CliRunner().invoke(app, ["costs", "--settings", str(file)])
    assert "PIN              try 1: accepted from 0.99, below: the keypad" in dear.stdout


@pytest.mark.parametrize("stake", STAKES)
def test_a_confident_answer_is_accepted_on_every_attempt(stake: Stake) -> None:
    assert all(choose(ways(COSTS, stake, misses), 1.0, 1.0) == "accept" for misses in range(4))


def test_a_number_that_was_missed_twice_costs_a_person_where_it_has_three_tries() -> None:
    rejects = [ways(COSTS, "number", misses).reject for misses in (0, 1, 2, 3)]
    assert rejects == [COSTS.again, COSTS.keypad, COSTS.person, COSTS.person]
