"""What is kept of a turn: words that may be a PIN are not, whatever was asked."""

from __future__ import annotations

import pytest

from bot.trace import HIDDEN, Trace
from bot.turn import Collected
from bot.turn_record import Turn
from bot.types import (
    Collect,
    Decision,
    HungUp,
    Interpretation,
    Match,
    Mode,
    NoInput,
    NoMatch,
    Properties,
    Result,
)

pytestmark = pytest.mark.unit

WORDS = "five eight two seven"


def understood(
    words: str = WORDS, value: str = "582722", grammar: str = "license_number", mode: Mode = "voice"
) -> Match:
    return Match((Interpretation(words, value, 0.4, mode, grammar),))


def turn(
    result: Result, *, of_digits: bool = True, secret: bool = False, left_out: bool = False
) -> Turn:
    step = Collect("license_number", 1, (), (), Properties(), secret)
    heard = ((500, WORDS),)
    collected = Collected(
        result, 0, 1_000, None, 200, 900, 100, False, heard, ((950, "complete"),), left_out
    )
    return Turn(step, collected, of_digits)


def told(one: Turn, decision: Decision | None) -> str:
    trace = Trace()
    one.tell(trace, decision)
    return "\n".join(f"{event.lane}: {event.text}" for event in trace.events)


def tells_nothing(one: Turn, decision: Decision | None) -> bool:
    record = one.kept(decision)
    kept = (record.utterance, record.partials, told(one, decision))
    return WORDS not in str(kept) and one.holds_more(decision)


@pytest.mark.parametrize("decision", ["accept", "confirm", "complete"])
def test_a_number_that_is_taken_or_read_back_is_kept(decision: Decision) -> None:
    record = turn(understood()).kept(decision)
    assert (record.utterance, record.value) == (WORDS, "582722")
    assert record.partials == ((500, WORDS),)
    assert not turn(understood()).holds_more(decision)
    assert f"caller: {WORDS} → 582722" in told(turn(understood()), decision)


@pytest.mark.parametrize("decision", ["retry", "keypad", "give-up"])
def test_digits_that_the_dialog_did_not_take_are_not_kept(decision: Decision) -> None:
    assert tells_nothing(turn(understood()), decision)
    record = turn(understood()).kept(decision)
    assert (record.result, record.value, record.confidence) == ("match", None, 0.4)
    assert HIDDEN in told(turn(understood()), decision)


@pytest.mark.parametrize("result", [NoMatch("voice"), HungUp()])
@pytest.mark.parametrize("of_digits", [True, False])
def test_what_was_not_understood_or_broken_off_is_not_kept(result: Result, of_digits: bool) -> None:
    assert tells_nothing(turn(result, of_digits=of_digits), None)


def test_of_a_command_where_digits_are_asked_for_the_name_is_kept() -> None:
    command = turn(understood(f"{WORDS} help", "help", "universals"))
    assert tells_nothing(command, "event")
    assert command.kept("event").value == "help"
    assert "caller: help" in told(command, "event")


def test_of_a_choice_the_words_are_kept_however_unsure() -> None:
    choice = turn(understood("good bye", "goodbye", "menu"), of_digits=False)
    assert choice.kept("retry").utterance == "good bye"
    assert not choice.holds_more("retry")


def test_words_that_the_entry_is_without_are_not_kept_and_the_entry_is() -> None:
    keyed = turn(understood("3 0 0 7 1 5", "300715", mode="dtmf"), left_out=True)
    assert tells_nothing(keyed, "accept")
    assert keyed.kept("accept").value == "300715"


def test_of_a_secret_field_neither_words_nor_value_nor_command_are_kept() -> None:
    for result in (understood(), understood(f"{WORDS} help", "help", "universals")):
        record = turn(result, secret=True).kept("accept")
        assert (record.utterance, record.value, record.partials) == (None, None, ())


def test_silence_holds_nothing() -> None:
    assert not turn(NoInput()).holds_more(None)
