"""What a replay script expects and a call did not do is named, and nothing else is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.calls.call import EndedCall
from bot.calls.trace import Trace
from bot.records import CallRecord, Timing, TurnRecord
from bot.replay.expectations import compare
from bot.replay.script import CallExpectation, PressKeys, Script, ScriptTurn, TurnExpectation
from bot.types import CallOutcome

pytestmark = pytest.mark.unit

NUMBER_WANTED = TurnExpectation(
    field="license_number",
    result="match",
    value="421903",
    mode="voice",
    prompt=re.compile("your license number"),
    bargein=True,
    reply_ms=300,
)
SCRIPT = Script(
    path=Path("call.yaml"),
    name="A number, a PIN, and a caller who leaves",
    turns=(
        ScriptTurn(3, PressKeys("421903"), expect=NUMBER_WANTED),
        ScriptTurn(7, PressKeys("5827"), expect=TurnExpectation(value="hidden")),
    ),
    expect=CallExpectation(
        outcome="hangup",
        reason="caller left at menu",
        verified=True,
        asked=("license_number confirm", "pin accept", "menu hangup"),
        spoken=("welcome",),
        in_order=("Welcome", "PIN", "goodbye"),
        not_spoken=("cannot reach",),
        max_turns=3,
        max_ms=30_000,
    ),
)
NUMBER = TurnRecord(
    field="license_number",
    attempt=1,
    result="match",
    timing=Timing(0, 4_000, reply_after_ms=300),
    mode="voice",
    utterance="four two one nine oh three",
    value="421903",
    bargein=True,
    decision="confirm",
    partials=((1_000, "four"),),
)
PIN = TurnRecord("pin", 1, "match", Timing(5_000, 8_000), mode="dtmf", decision="accept")
MENU = TurnRecord("menu", 1, "hangup", Timing(9_000, 12_000))
OUTCOME = CallOutcome("hangup", "caller left at menu", verified=True)
SAID = ("Welcome.", "Say your license number.", "Now the PIN.", "Goodbye.")


def failures(
    *turns: TurnRecord,
    outcome: CallOutcome = OUTCOME,
    said: tuple[str, ...] = SAID,
    duration_ms: int = 30_000,
    fault: str | None = None,
) -> list[str]:
    trace = Trace()
    for number, sentence in enumerate(said):
        trace.add(2_000 * number, "reply", sentence, 2_000 * number + 1_900)
    if fault is not None:
        trace.add(0, "call", fault)
    record = CallRecord("1", "", "a", duration_ms, outcome, turns or (NUMBER, PIN, MENU))
    return compare(SCRIPT, EndedCall(record, trace, None), [3_000, 6_000])


def test_a_call_that_met_every_expectation_has_no_failure() -> None:
    assert failures() == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"field": "menu"}, "turn 1 (line 3): field is menu, expected license_number"),
        ({"value": "421930"}, "turn 1 (line 3): value is 421930, expected 421903"),
        ({"mode": "mixed"}, "turn 1 (line 3): mode is mixed, expected voice"),
        ({"bargein": False}, "turn 1 (line 3): bargein is False, expected True"),
        (
            {"timing": Timing(0, 4_000, reply_after_ms=301)},
            "turn 1 (line 3): the reply came after 301 ms, expected at most 300",
        ),
        (
            {"timing": Timing(0, 4_000)},
            "turn 1 (line 3): the reply came after None ms, expected at most 300",
        ),
        (
            {"decision": "accept"},
            "asked license_number accept, pin accept, menu hangup; "
            "expected license_number confirm, pin accept, menu hangup",
        ),
    ],
)
def test_the_fate_of_an_answer_is_compared(change: dict[str, object], said: str) -> None:
    changed: TurnRecord = replace(NUMBER, **change)  # type: ignore[arg-type]
    assert said in failures(changed, PIN, MENU)


@pytest.mark.parametrize(
    "change",
    [{"value": "5827"}, {"utterance": "five eight two seven"}, {"partials": ((6_000, "five"),)}],
)
def test_a_stored_pin_is_a_failure_that_does_not_show_it(change: dict[str, object]) -> None:
    kept: TurnRecord = replace(PIN, **change)  # type: ignore[arg-type]
    (said,) = failures(NUMBER, kept, MENU)
    assert said == "turn 2 (line 7): value is in the record, expected ••••"


def test_a_question_that_was_asked_twice_or_not_at_all_is_a_failure() -> None:
    twice = failures(NUMBER, NUMBER, PIN, MENU)
    assert any(one.startswith("asked license_number confirm, license_number") for one in twice)
    assert "4 turns, expected at most 3" in twice
    assert "turn 2 (line 7): no question was active at that time" in failures(NUMBER, MENU)


def test_outcome_and_reason_are_compared() -> None:
    other = failures(outcome=CallOutcome("gave-up", "no answer", verified=False))
    assert other == [
        "outcome is gave-up (no answer), expected hangup",
        "the reason is “no answer”, expected “caller left at menu”",
        "verified is False, expected True",
    ]


def test_a_call_that_takes_longer_is_a_failure() -> None:
    assert failures(duration_ms=30_001) == ["the call took 30001 ms, expected at most 30000"]


def test_spoken_sentences_are_compared_in_order() -> None:
    said = failures(said=(SAID[1], SAID[2], "Welcome.", "We cannot reach it.", SAID[3]))
    assert said == [
        "“cannot reach” was said",
        "“PIN” was not said, or not in this order",
    ]


def test_a_lost_sentence_is_a_failure_and_an_unreachable_backend_is_not() -> None:
    assert failures(fault="error.noresource.tts") == ["1 sentences could not be said"]
    assert failures(fault="error.badfetch") == []
