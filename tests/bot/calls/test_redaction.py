"""What is kept of a turn: words that may be a PIN are not, whatever was asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.calls.redaction import FinishedTurn, is_proven
from bot.calls.trace import HIDDEN, Trace, TraceEvent
from bot.records import Timing
from bot.turn.collect import Collected
from bot.types import (
    Collect,
    Decision,
    HungUp,
    Interpretation,
    Match,
    Mode,
    NoInput,
    NoMatch,
    Note,
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
) -> FinishedTurn:
    step = Collect("license_number", 1, (), (), Properties(), secret)
    heard = ((500, WORDS),)
    timing = Timing(0, 1_000, None, 200, 900, 100)
    timeline = ((950, "complete"),)
    collected = Collected(result, timing, partials=heard, timeline=timeline, left_out=left_out)
    return FinishedTurn(step, collected, of_digits)


def told(one: FinishedTurn, note: Note | None, proven: str = "") -> str:
    trace = Trace()
    one.tell(trace, note)
    trace.settle(lambda number: is_proven(number, proven))
    return "\n".join(f"{event.lane}: {event.text}" for event in trace.events)


def tells_nothing(one: FinishedTurn, note: Note | None) -> bool:
    record = one.kept(note)
    kept = (record.utterance, record.partials, told(one, note))
    return WORDS not in str(kept) and one.holds_more(note) and one.audible(note) is None


@pytest.mark.parametrize("decision", ["accept", "confirm", "complete"])
def test_an_accepted_or_confirmed_number_is_kept_once_it_is_proven(decision: Decision) -> None:
    note, number = Note(decision), turn(understood())
    record = number.with_words(number.kept(note), note, "582722")
    assert (record.utterance, record.value) == (WORDS, "582722")
    assert record.partials == ((500, WORDS),)
    assert not number.holds_more(note)
    assert number.audible(note, "582722") == (200, 900)
    assert f"caller: {WORDS} → 582722" in told(number, note, "582722")


@pytest.mark.parametrize("decision", ["accept", "confirm", "complete"])
@pytest.mark.parametrize("proven", ["", "421903", "582721"])
def test_an_unproven_number_is_not_kept(decision: Decision, proven: str) -> None:
    note, number = Note(decision), turn(understood())
    record = number.with_words(number.kept(note), note, proven)
    assert (record.result, record.confidence) == ("match", 0.4)
    assert (record.utterance, record.value, record.partials) == (None, None, ())
    assert number.audible(note, proven) is None
    assert number.withheld(note, proven)
    shown = told(number, note, proven)
    assert HIDDEN in shown
    assert WORDS not in shown
    assert "5827" not in shown


@pytest.mark.parametrize(
    ("part", "of_it"),
    [
        *[("903", True), ("421", True), ("1", True), ("42?903", True), ("421903", True)],
        *[("930", False), ("7", False), ("42?930", False), ("413", False), ("4219031", False)],
    ],
)
def test_a_part_is_proven_when_it_belongs_to_the_number(part: str, of_it: bool) -> None:
    assert is_proven(part, "421903") is of_it
    assert not is_proven(part, "")


@pytest.mark.parametrize(
    "note", [Note("retry"), Note("keypad"), Note("give-up"), Note("confirm", of_last=False), None]
)
def test_digits_that_the_dialog_did_not_accept_are_not_kept(note: Note | None) -> None:
    assert tells_nothing(turn(understood()), note)
    record = turn(understood()).kept(note)
    assert (record.result, record.value, record.confidence) == ("match", None, 0.4)
    assert HIDDEN in told(turn(understood()), note)


@pytest.mark.parametrize("result", [NoMatch("voice"), HungUp()])
@pytest.mark.parametrize("of_digits", [True, False])
def test_entries_that_were_not_understood_or_were_cut_off_are_not_kept(
    result: Result, of_digits: bool
) -> None:
    assert tells_nothing(turn(result, of_digits=of_digits), None)


def test_a_command_in_place_of_digits_is_kept_by_name() -> None:
    command = turn(understood(f"{WORDS} help", "help", "universals"))
    assert tells_nothing(command, Note("event"))
    assert command.kept(Note("event")).value == "help"
    assert "caller: help" in told(command, Note("event"))


def test_a_choice_that_was_not_accepted_keeps_its_words_and_not_its_sound() -> None:
    choice = turn(understood("good bye", "goodbye", "menu"), of_digits=False)
    assert choice.kept(Note("retry")).utterance == "good bye"
    assert choice.audible(Note("retry")) is None
    assert choice.audible(Note("accept")) == (200, 900)


def test_only_the_part_of_the_words_that_makes_the_entry_is_kept() -> None:
    keyed = turn(understood("3 0 0 7 1 5", "300715", mode="dtmf"), left_out=True)
    assert tells_nothing(keyed, Note("accept"))
    assert keyed.kept(Note("accept"), "300715").value == "300715"


def test_neither_words_nor_value_nor_command_of_a_secret_field_are_kept() -> None:
    for result in (understood(), understood(f"{WORDS} help", "help", "universals")):
        record = turn(result, secret=True).kept(Note("accept"))
        assert (record.utterance, record.value, record.partials) == (None, None, ())


def test_silence_leaves_nothing_to_keep() -> None:
    assert not turn(NoInput()).holds_more(None)


def test_a_number_given_in_place_of_no_is_kept_once_it_is_proven() -> None:
    """At a question that is not for digits, as at one that is."""
    said = understood(f"no it's {WORDS}")
    given = turn(said, of_digits=False)
    assert given.kept(Note("accept")).utterance is None
    assert given.audible(Note("accept")) is None
    assert given.kept(Note("accept"), "582722").value == "582722"


def heard_as(one: FinishedTurn, note: Note | None = None) -> list[TraceEvent]:
    trace = Trace()
    one.tell(trace, note)
    return trace.events


def test_the_trace_of_an_answer_has_its_words_timers_and_times_in_order() -> None:
    answer = Match((Interpretation("good bye", "goodbye", 0.4567, "voice", "menu"),))
    choice = turn(answer, of_digits=False)
    detail = "voice, confidence 0.46, decided after 100 ms"
    assert heard_as(choice, Note("accept")) == [
        TraceEvent(500, "partial", WORDS),
        TraceEvent(950, "timer", "complete"),
        TraceEvent(200, "caller", "good bye → goodbye", 1_000, detail),
    ]
    assert choice.kept(Note("accept")).confidence == 0.457


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (NoInput(), "(silence)"),
        (NoMatch("voice"), "(not understood)"),
        (HungUp(), "(hung up)"),
    ],
)
def test_the_trace_of_a_turn_without_an_answer_has_its_timers_and_how_it_ended(
    result: Result, text: str
) -> None:
    silent = replace(turn(result).collected, timing=Timing(0, 1_000, None, None, None, None))
    assert heard_as(replace(turn(result), collected=silent)) == [
        TraceEvent(950, "timer", "complete"),
        TraceEvent(1_000, "caller", text, 1_000),
    ]


def test_a_keyed_answer_without_a_known_time_is_traced_without_one() -> None:
    keyed = turn(understood("1", "renew", "menu", "dtmf"), of_digits=False)
    collected = replace(keyed.collected, timing=Timing(0, 1_000, None, None, None, None))
    told_of = heard_as(replace(keyed, collected=collected), Note("accept"))[-1]
    assert (told_of.at_ms, told_of.detail) == (1_000, "dtmf, confidence 0.40")
