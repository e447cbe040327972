"""When an entry by keys is over."""

from __future__ import annotations

import pytest

from bot.grammar import Answer
from bot.turn.key_timer import KeyTimer, ends_entry, wait_after_key_ms
from bot.types import Properties

pytestmark = pytest.mark.unit

PROPERTIES = Properties(interdigit_timeout_ms=5_000, term_timeout_ms=0)


def test_a_full_entry_is_over_with_its_last_key() -> None:
    timer = KeyTimer(PROPERTIES)
    timer.pressed(1_000, Answer.MAX)
    assert timer.over(1_000)


@pytest.mark.parametrize("answer", [Answer.POTENTIAL, Answer.MATCH])
def test_more_keys_may_come_within_the_interdigit_timeout(answer: Answer) -> None:
    timer = KeyTimer(PROPERTIES)
    timer.pressed(1_000, answer)
    assert not timer.over(5_999)
    timer.pressed(5_999, answer)
    assert not timer.over(6_000)
    assert timer.over(10_999)


def test_keys_that_can_never_match_wait_for_the_rest_of_them() -> None:
    timer = KeyTimer(PROPERTIES)
    timer.pressed(1_000, Answer.NO)
    assert not timer.over(1_999)
    assert timer.over(2_000)


def test_a_full_entry_waits_for_its_terminator_where_the_setting_says_so() -> None:
    timer = KeyTimer(Properties(term_timeout_ms=700))
    timer.pressed(1_000, Answer.MAX)
    assert not timer.over(1_699)
    assert timer.over(1_700)


def test_while_the_caller_speaks_no_key_timer_runs() -> None:
    timer = KeyTimer(PROPERTIES)
    timer.pressed(1_000, Answer.POTENTIAL)
    timer.stop()
    assert not timer.over(100_000)


def test_the_table_of_key_timeouts() -> None:
    waits = [wait_after_key_ms(answer, PROPERTIES) for answer in Answer]
    assert dict(zip(Answer, waits, strict=True)) == {
        Answer.NO: 1_000,
        Answer.POTENTIAL: 5_000,
        Answer.MATCH: 5_000,
        Answer.MAX: 0,
    }


def test_the_terminator_ends_an_entry_unless_a_grammar_means_something_by_it() -> None:
    assert ends_entry("#", PROPERTIES, Answer.NO)
    assert not ends_entry("#", PROPERTIES, Answer.MAX)
    assert not ends_entry("5", PROPERTIES, Answer.NO)
    assert not ends_entry("#", Properties(termchar=""), Answer.NO)
