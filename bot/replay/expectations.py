"""Compares an ended call with what its replay script expects of it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.calls.call import EndedCall
from bot.calls.trace import HIDDEN, TraceEvent
from bot.records import TurnRecord
from bot.replay.script import CallExpectation, Script, TurnExpectation


def compare(script: Script, ended: EndedCall, began_ms: Sequence[int | None]) -> list[str]:
    """What does not hold, in words; empty where everything does."""
    failures = list(_call_failures(script.expect, ended))
    for number, turn in enumerate(script.turns, 1):
        if turn.expect == TurnExpectation():
            continue
        where = f"turn {number} (line {turn.line})"
        if number > len(began_ms):
            failures.append(f"{where}: the call ended before it")
            continue
        at_ms = began_ms[number - 1]
        if at_ms is None:
            continue
        record = _answered(ended.record.turns, at_ms)
        if record is None:
            failures.append(f"{where}: nothing was asked then")
            continue
        failures.extend(
            f"{where}: {problem}" for problem in _turn_failures(turn.expect, record, ended)
        )
    return failures


def _call_failures(expect: CallExpectation, ended: EndedCall) -> list[str]:
    record, failures = ended.record, []
    outcome = record.outcome
    if outcome.outcome != expect.outcome:
        failures.append(
            f"outcome is {outcome.outcome} ({outcome.reason}), expected {expect.outcome}"
        )
    if expect.verified is not None and outcome.verified is not expect.verified:
        failures.append(f"verified is {outcome.verified}, expected {expect.verified}")
    said = _said(ended.trace.events)
    failures += [f"“{one}” was not said" for one in expect.spoken if one.lower() not in said]
    failures += [f"“{one}” was said" for one in expect.not_spoken if one.lower() in said]
    if expect.max_turns is not None and len(record.turns) > expect.max_turns:
        failures.append(f"{len(record.turns)} turns, expected at most {expect.max_turns}")
    return failures


def _turn_failures(expect: TurnExpectation, record: TurnRecord, ended: EndedCall) -> list[str]:
    value = HIDDEN if record.value is None and record.result == "match" else record.value
    wanted = HIDDEN if expect.value == "hidden" else expect.value
    pairs = (
        ("field", record.field, expect.field),
        ("result", record.result, expect.result),
        ("value", value, wanted),
        ("mode", record.mode, expect.mode),
    )
    failures = [
        f"{name} is {found}, expected {want}"
        for name, found, want in pairs
        if want is not None and found != want
    ]
    if expect.prompt is not None and not expect.prompt.search(_before(record, ended.trace.events)):
        failures.append(f"the prompt does not have “{expect.prompt.pattern}”")
    return failures


def _answered(turns: Sequence[TurnRecord], at_ms: int) -> TurnRecord | None:
    """The collect during which something began."""
    return next((one for one in turns if one.start_ms <= at_ms <= one.end_ms), None)


def _said(events: Sequence[TraceEvent]) -> str:
    return " ".join(event.text for event in events if event.lane == "reply").lower()


def _before(record: TurnRecord, events: Sequence[TraceEvent]) -> str:
    """The words that were queued before the entry and after the one before."""
    heard = [event for event in events if event.lane == "reply"]
    return " ".join(e.text for e in heard if record.start_ms <= e.at_ms <= record.end_ms)
