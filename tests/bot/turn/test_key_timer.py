"""When an entry by keys is over."""

from __future__ import annotations

import pytest

from bot.grammar import Answer
from bot.grammar.match_result import Heard
from bot.turn.key_timer import FullEntry, KeyRun, KeyTimer, ends_entry, wait_after_key_ms
from bot.types import Properties

pytestmark = pytest.mark.unit

PROPERTIES = Properties(interdigit_timeout_ms=5_000, term_timeout_ms=0)


def test_a_full_entry_ends_with_its_last_key() -> None:
    timer = KeyTimer(PROPERTIES)
    timer.pressed(1_000, Answer.MAX)
    assert timer.over(1_000)


@pytest.mark.parametrize("answer", [Answer.POTENTIAL, Answer.MATCH])
def test_more_keys_can_follow_within_the_interdigit_timeout(answer: Answer) -> None:
    timer = KeyTimer(PROPERTIES)
    timer.pressed(1_000, answer)
    assert not timer.over(5_999)
    timer.pressed(5_999, answer)
    assert not timer.over(6_000)
    assert timer.over(10_999)


def test_keys_that_cannot_match_wait_for_the_rest() -> None:
    timer = KeyTimer(PROPERTIES)
    timer.pressed(1_000, Answer.NO)
    assert not timer.over(1_999)
    assert timer.over(2_000)


def test_a_full_entry_waits_for_its_terminator_if_configured() -> None:
    timer = KeyTimer(Properties(term_timeout_ms=700))
    timer.pressed(1_000, Answer.MAX)
    assert not timer.over(1_699)
    assert timer.over(1_700)


def test_no_key_timer_runs_while_the_caller_speaks() -> None:
    timer = KeyTimer(PROPERTIES)
    timer.pressed(1_000, Answer.POTENTIAL)
    timer.stop()
    assert not timer.over(100_000)


def test_key_timeouts_follow_the_voicexml_properties() -> None:
    waits = [wait_after_key_ms(answer, PROPERTIES) for answer in Answer]
    assert dict(zip(Answer, waits, strict=True)) == {
        Answer.NO: 1_000,
        Answer.POTENTIAL: 5_000,
        Answer.MATCH: 5_000,
        Answer.MAX: 0,
    }


def test_the_terminator_ends_an_entry_and_no_other_key_does() -> None:
    assert ends_entry("#", PROPERTIES)
    assert not ends_entry("5", PROPERTIES)
    assert not ends_entry("#", Properties(termchar=""))


# -- keys that come in one go with the entry before ---------------------------------------------

NUMBER, PIN, COMMAND, CHOICE = "license_number", "pin", "universals", "menu"


def key_of(*grammars: str) -> Heard:
    return Heard(Answer.MATCH, tuple((name, "x") for name in grammars))


def full(*pressed_ms: int, secret: bool = False) -> FullEntry:
    run = KeyRun(None, secret=secret)
    for at_ms in pressed_ms:
        assert run.takes(at_ms, key_of(NUMBER))
    return run.full()


@pytest.mark.parametrize(
    ("pressed_ms", "within_ms"),
    [
        ((0, 100, 200), 300),
        ((0, 400, 600), 600),
        ((0, 600, 700), 900),
        ((0, 4_500, 9_000), 1_000),
        ((50,), 300),
        ((0,), 300),
        ((0, 200), 300),
        ((0, 202), 303),
        ((0, 666), 999),
        ((0, 668), 1_000),
    ],
)
def test_the_next_key_of_an_entry_is_expected_at_the_pace_of_the_others(
    pressed_ms: tuple[int, ...], within_ms: int
) -> None:
    assert full(*pressed_ms) == FullEntry(pressed_ms[-1], within_ms, secret=False)


def test_a_pin_can_follow_its_number_in_one_go() -> None:
    run = KeyRun(full(0, 200), secret=True)
    assert run.takes(400, key_of(PIN))
    assert run.typed_on
    later = KeyRun(full(0, 200), secret=True)
    assert later.takes(501, key_of(PIN))
    assert not later.typed_on


@pytest.mark.parametrize(("before_secret", "secret"), [(False, False), (True, False), (True, True)])
def test_other_keys_in_one_go_are_ignored(before_secret: bool, secret: bool) -> None:
    run = KeyRun(full(0, 200, secret=before_secret), secret=secret)
    assert not run.takes(400, key_of(CHOICE))
    assert not run.takes(700, key_of(CHOICE, COMMAND))
    assert run.takes(1_001, key_of(CHOICE))
    assert not run.typed_on


def test_a_command_works_after_a_full_entry_too() -> None:
    assert KeyRun(full(0, 200), secret=False).takes(400, key_of(COMMAND))


@pytest.mark.parametrize(
    ("pressed_ms", "ends"), [(2_199, True), (5_200, True), (5_201, False), (20_000, False)]
)
def test_a_late_terminator_belongs_to_the_entry_before_as_long_as_a_key_of_it_could(
    pressed_ms: int, ends: bool
) -> None:
    run = KeyRun(full(0, 200), secret=True)
    assert run.may_end_before(pressed_ms, 200, PROPERTIES) is ends


@pytest.mark.parametrize(("pressed_ms", "ends"), [(1_000, True), (2_999, True), (3_000, False)])
def test_a_terminator_ends_a_spoken_entry_while_the_next_prompt_begins(
    pressed_ms: int, ends: bool
) -> None:
    assert KeyRun(None, secret=True).may_end_before(pressed_ms, 1_000, PROPERTIES) is ends


def test_a_new_entry_starts_after_the_terminator() -> None:
    run = KeyRun(full(0, 200), secret=False)
    run.ends()
    assert run.takes(300, key_of(CHOICE))


@pytest.mark.parametrize("answer", Answer)
def test_another_key_is_awaited_until_the_caller_speaks(answer: Answer) -> None:
    timer = KeyTimer(PROPERTIES)
    assert not timer.running
    timer.pressed(1_000, answer)
    assert timer.running
    timer.stop()
    assert not timer.running


@pytest.mark.parametrize(("least_ms", "due_ms"), [(0, 6_000), (4_999, 6_000), (5_001, 6_001)])
def test_speech_before_the_keys_can_lengthen_the_wait(least_ms: int, due_ms: int) -> None:
    timer = KeyTimer(PROPERTIES)
    timer.pressed(1_000, Answer.POTENTIAL, least_ms)
    assert not timer.over(due_ms - 1)
    assert timer.over(due_ms)


@pytest.mark.parametrize(("interdigit_ms", "wait_ms"), [(999, 999), (1_000, 1_000), (1_001, 1_000)])
def test_keys_without_a_meaning_wait_no_longer_than_others(
    interdigit_ms: int, wait_ms: int
) -> None:
    properties = Properties(interdigit_timeout_ms=interdigit_ms)
    assert wait_after_key_ms(Answer.NO, properties) == wait_ms


def test_an_entry_without_a_key_is_full_from_the_beginning() -> None:
    assert KeyRun(None, secret=True).full() == FullEntry(0, 300, secret=True)


def test_a_key_that_means_nothing_is_left_over_too() -> None:
    run = KeyRun(full(0, 200), secret=False)
    assert not run.takes(400, Heard(Answer.NO, ()))


def test_only_the_first_keys_of_an_entry_can_be_left_over() -> None:
    run = KeyRun(full(0, 200), secret=False)
    assert run.takes(2_000, key_of(CHOICE))
    assert run.takes(2_100, key_of(CHOICE))
    assert run.full() == FullEntry(2_100, 300, secret=False)


def test_a_terminator_ends_the_previous_entry_only_if_there_was_one() -> None:
    assert not KeyRun(None, secret=True).may_end_before(4_000, 200, PROPERTIES)
    taken = KeyRun(full(0, 200), secret=True)
    assert taken.takes(3_000, key_of(PIN))
    assert not taken.may_end_before(3_100, 200, PROPERTIES)
