"""How one question is asked: prompts, silences, misses and commands, and when it is given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.dialog.evidence import AnswerEvidence
from bot.dialog.form import Filled, Left
from bot.settings import Attempts
from bot.types import HungUp, NoInput, NoMatch, Prompt, Properties, Result
from tests.support.asking import (
    CHOICE,
    NUMBER,
    SECRET,
    STAR,
    asked,
    command,
    part,
    said,
    state_of,
)

pytestmark = pytest.mark.unit

AFTERNOON = datetime(2022, 6, 14, 16, 59, tzinfo=UTC)
EVENING = datetime(2022, 6, 14, 17, 0, tzinfo=UTC)
KEYED = said(("421903", 0.01), mode="dtmf")


# -- what is asked ------------------------------------------------------------------------------


def test_a_question_is_asked_with_its_grammars_and_the_properties_of_the_call() -> None:
    question = replace(NUMBER, links=("link.grxml",), corrected_by=("other.grxml",))
    properties = Properties(timeout_ms=7_000)
    (collect,) = asked(question, state=state_of(properties=properties)).collects
    assert (collect.field, collect.attempt, collect.secret) == ("number", 1, False)
    assert collect.grammars == ("number.grxml", "universals.grxml", "link.grxml", "other.grxml")
    assert collect.properties == properties
    assert asked(SECRET).collects[0].secret


@pytest.mark.parametrize(("ask", "key"), [(None, "number.ask"), ("number.again", "number.again")])
def test_a_question_has_a_prompt_of_its_name_unless_it_says_another(
    ask: str | None, key: str
) -> None:
    question = replace(NUMBER, ask=ask, values={"length": 6})
    (collect,) = asked(question).collects
    assert collect.prompts == (Prompt(key, 1, {"length": 6}),)


def test_attempts_are_counted_whatever_came_of_them() -> None:
    results = (NoInput(), NoMatch(), command("repeat"), command("help"))
    call = asked(CHOICE, *results)
    assert [one.attempt for one in call.collects] == [1, 2, 3, 4, 5]


def test_a_keyed_answer_is_certain_and_taken_as_it_is() -> None:
    call = asked(NUMBER, KEYED)
    assert call.ended == Filled("421903", "dtmf", 0.01)
    assert call.decided == ["accept"]


def test_a_caller_who_hangs_up_leaves_the_question() -> None:
    call = asked(NUMBER, HungUp())
    assert call.ended == Left("hangup", "number")
    assert call.notes == []


# -- silence ------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_a_question_bears_so_many_silences_and_says_each_time_how_many(most: int) -> None:
    state = state_of(attempts=Attempts(field=most))
    call = asked(NUMBER, *[NoInput()] * 20, state=state)
    assert call.ended == Left("silent", "number")
    assert state.failed_field is None
    assert call.decided == ["retry"] * (most - 1) + ["give-up"]
    prompts = [("number.ask", 1), *(("number.noinput", count) for count in range(1, most))]
    assert call.said() == [(one,) for one in prompts]


@pytest.mark.parametrize(
    ("timeout_ms", "patience_ms", "silences"),
    [
        (30_000, 180_000, 6),
        (30_000, 180_001, 7),
        (30_000, 179_999, 6),
        (30_000, 30_000, 3),
        (10_000, 0, 3),
        (60_000, 180_000, 3),
        (60_000, 180_001, 4),
    ],
)
def test_a_slow_caller_is_waited_for_as_long_as_was_promised(
    timeout_ms: int, patience_ms: int, silences: int
) -> None:
    state = state_of(properties=Properties(timeout_ms=timeout_ms), patience_ms=patience_ms)
    call = asked(NUMBER, *[NoInput()] * 30, state=state)
    assert call.why == "silent"
    assert len(call.collects) == silences


def test_silences_are_counted_from_zero_after_a_command() -> None:
    silent: list[Result] = [NoInput(), NoInput()]
    call = asked(NUMBER, *silent, command("repeat"), *silent, KEYED)
    assert call.value == "421903"
    counts = [one[0] for one in call.said() if one[0][0] == "number.noinput"]
    assert counts == [("number.noinput", 1), ("number.noinput", 2)] * 2


def test_silences_and_misses_are_counted_apart() -> None:
    call = asked(NUMBER, NoInput(), NoMatch(), NoInput(), NoMatch(), KEYED)
    assert call.said()[1:] == [
        (("number.noinput", 1),),
        (("number.nomatch", 1),),
        (("number.noinput", 2),),
        (("number.nomatch", 2),),
    ]


# -- misses -------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_a_question_bears_so_many_misses_and_is_given_up(most: int) -> None:
    state = state_of(attempts=Attempts(field=most))
    call = asked(NUMBER, *[NoMatch()] * 20, state=state)
    assert call.ended == Left("gave-up", "number")
    assert state.failed_field == "number"
    assert len(call.collects) == most
    assert call.decided[-1] == "give-up"


def test_the_first_miss_is_asked_again_by_voice_and_the_next_on_the_keypad() -> None:
    assert asked(CHOICE, NoMatch(), NoMatch(), NoMatch()).decided == [
        *("retry", "keypad", "keypad", "give-up"),
    ]


def test_a_secret_is_asked_for_on_the_keypad_at_once() -> None:
    assert asked(SECRET, NoMatch(), NoMatch()).decided == ["keypad", "keypad"]
    assert asked(SECRET, said(("5827", 0.5))).decided == ["keypad"]


def test_keys_that_made_the_entry_before_too_long_leave_the_question() -> None:
    call = asked(SECRET, NoMatch("dtmf", typed_on=True))
    assert call.ended == Left("too-many", "secret")
    assert call.decided == ["retry"]


@pytest.mark.parametrize(
    ("too_long", "prompt", "told"),
    [
        (True, "number.many", True),
        (False, "number.many", False),
        (True, None, False),
    ],
)
def test_a_caller_who_says_too_many_digits_hears_that_first(
    too_long: bool, prompt: str | None, told: bool
) -> None:
    question = replace(NUMBER, too_long=prompt, values={"length": 6})
    call = asked(question, part(too_long=too_long))
    many = (Prompt("number.many", 1, {"length": 6}),) if told else ()
    assert call.collects[1].prompts == (*many, Prompt("number.nomatch", 1, {"length": 6}))


def test_too_many_digits_on_the_last_try_are_given_up_as_any_others() -> None:
    question, state = replace(NUMBER, too_long="number.many"), state_of(attempts=Attempts(field=1))
    assert asked(question, part(too_long=True), state=state).why == "gave-up"


# -- the call's budget of turns -----------------------------------------------------------------


def test_a_call_that_has_had_its_turns_asks_nobody_any_more() -> None:
    state = state_of(attempts=Attempts(turns=10))
    state.turns = 8
    call = asked(NUMBER, *[NoInput()] * 30, state=state)
    assert len(call.collects) == 2
    assert call.ended == Left("gave-up", "number")


# -- commands -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("misses", "sure"), [(0, 0.5), (1, 0.7)])
def test_a_spoken_command_is_carried_out_from_the_point_where_that_costs_less(
    misses: int, sure: float
) -> None:
    """A wrong one costs 40 s, asking again 20 s by voice and 12 s on the keypad."""
    before: list[Result] = [NoMatch()] * misses
    taken = asked(CHOICE, *before, command("elsewhere", sure + 0.001))
    assert taken.ended == Left("command", "choice", "elsewhere")
    missed = asked(CHOICE, *before, command("elsewhere", sure - 0.001))
    assert missed.said()[-1] == (("choice.nomatch", misses + 1),)


def test_a_keyed_command_is_carried_out_however_it_is_weighed() -> None:
    assert asked(CHOICE, command("goodbye", 0.01, "dtmf")).why == "goodbye"


@pytest.mark.parametrize("name", ["startover", "goodbye"])
def test_a_command_that_leaves_every_question_leaves_this_one(name: str) -> None:
    call = asked(NUMBER, command(name))
    assert (call.why, call.decided) == (name, ["event"])


def test_a_command_of_the_application_is_named() -> None:
    linked = said(("find_number", 0.99), grammar="universals_help")
    assert asked(NUMBER, linked).ended == Left("command", "number", "find_number")


@pytest.mark.parametrize(
    ("name", "prompts", "rates"),
    [
        ("repeat", [("told.before", 1), ("choice.ask", 2)], []),
        ("help", [("choice.help", 1)], []),
        ("wait", [("universals.wait", 1), ("choice.ask", 2)], []),
        ("slower", [("universals.slower", 1), ("told.before", 1), ("choice.ask", 2)], [78]),
        ("louder", [("universals.louder", 1), ("told.before", 1), ("choice.ask", 2)], [78]),
        ("faster", [("universals.faster", 1), ("told.before", 1), ("choice.ask", 2)], [100]),
        ("tty", [("universals.tty", 1), ("told.before", 1), ("choice.ask", 2)], [78]),
    ],
)
def test_the_question_is_asked_again_after_a_command(
    name: str, prompts: list[tuple[str, int]], rates: list[int]
) -> None:
    question = replace(CHOICE, told=(Prompt("told.before"),))
    call = asked(question, command(name))
    assert call.said()[1] == tuple(prompts)
    assert (call.rates, call.decided) == (rates, ["event"])


def test_help_is_given_in_more_words_the_second_time() -> None:
    call = asked(CHOICE, command("help"), command("repeat"), command("help"))
    assert call.said()[1::2] == [(("choice.help", 1),), (("choice.help", 2),)]


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("now", "reached"), [(AFTERNOON, True), (EVENING, False)])
def test_a_person_is_given_by_the_time_at_which_one_is_asked_for(
    now: datetime, reached: bool, known: bool
) -> None:
    state = state_of(is_open=known)
    call = asked(CHOICE, command("representative"), state=state, now=now)
    assert (call.why, call.asked_the_time) == ("representative" if reached else "hangup", 1)
    if not reached:
        assert call.said()[1] == (("office.shut", 1), ("choice.ask", 2))


@pytest.mark.parametrize("most", [1, 2, 8])
@pytest.mark.parametrize("name", ["repeat", "help", "slower", "goodbye", "representative"])
def test_a_question_bears_so_many_commands(most: int, name: str) -> None:
    state = state_of(attempts=Attempts(events=most))
    call = asked(CHOICE, *[command("wait")] * most, command(name), state=state)
    assert call.ended == Left("gave-up", "choice")
    assert state.failed_field == "choice"
    assert len(call.collects) == most + 1
    assert call.decided == ["event"] * (most + 1) + ["give-up"]


def test_commands_cost_no_attempt() -> None:
    call = asked(CHOICE, NoMatch(), command("repeat"), NoMatch(), command("help"))
    assert [one for one in call.said() if one[0][0] == "choice.nomatch"] == [
        (("choice.nomatch", 1),),
        (("choice.nomatch", 2),),
    ]


# -- star ---------------------------------------------------------------------------------------


def test_star_goes_round_the_commands_for_those_who_only_key() -> None:
    call = asked(CHOICE, *[STAR] * 6)
    first = [prompts[0][0] for prompts in call.said()[1:]]
    assert first == [
        *("choice.ask", "universals.slower", "choice.help", "universals.faster"),
        *("choice.ask", "universals.slower"),
    ]


@pytest.mark.parametrize("between", [NoInput(), NoMatch(), command("wait"), command("repeat")])
def test_star_starts_over_after_anything_else(between: Result) -> None:
    call = asked(CHOICE, STAR, between, STAR, STAR)
    assert call.said()[-2:] == [
        (("choice.ask", 4),),
        (("universals.slower", 1), ("choice.ask", 5)),
    ]


def test_evidence_that_is_known_before_the_question_counts_in_it() -> None:
    known = AnswerEvidence(6)
    known.add(said(("421903", 0.6)).nbest)
    question = replace(NUMBER, tries=known)
    assert asked(question, said(("421903", 0.8))).value == "421903"
    assert asked(NUMBER, said(("421903", 0.8))).fields == ["number", "yesno"]
