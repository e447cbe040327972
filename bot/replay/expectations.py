"""Compares an ended call with the expectations of its replay script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.calls.call import EndedCall
from bot.calls.trace import HIDDEN, TraceEvent
from bot.errors import SynthesisError
from bot.records import TurnRecord
from bot.replay.script import HIDDEN_VALUE, CallExpectation, Script, TurnExpectation


def compare(script: Script, ended: EndedCall, began_ms: Sequence[int | None]) -> list[str]:
    """Descriptions of expectations that do not hold; empty if all do."""
    failures = list(_call_failures(script.expect, ended))
    for number, turn in enumerate(script.turns, 1):
        if turn.expect == TurnExpectation():
            continue
        where = f"turn {number} (line {turn.line})"
        if number > len(began_ms):
            failures.append(f"{where}: the call ended before this turn")
            continue
        at_ms = began_ms[number - 1]
        if at_ms is None:
            continue
        record = _answered(ended.record.turns, at_ms)
        if record is None:
            failures.append(f"{where}: no question was active at that time")
            continue
        failures.extend(
            f"{where}: {problem}" for problem in _turn_failures(turn.expect, record, ended)
        )
    return failures


def _call_failures(expect: CallExpectation, ended: EndedCall) -> Iterator[str]:
    record = ended.record
    outcome = record.outcome
    if outcome.outcome != expect.outcome:
        yield f"outcome is {outcome.outcome} ({outcome.reason}), expected {expect.outcome}"
    if expect.reason not in {None, outcome.reason}:
        yield f"the reason is “{outcome.reason}”, expected “{expect.reason}”"
    if expect.verified not in {None, outcome.verified}:
        yield f"verified is {outcome.verified}, expected {expect.verified}"
    asked = tuple(f"{turn.field} {turn.decision or turn.result}" for turn in record.turns)
    if expect.asked not in {None, asked}:
        yield f"asked {', '.join(asked)}; expected {', '.join(expect.asked or ())}"
    if expect.max_turns is not None and len(record.turns) > expect.max_turns:
        yield f"{len(record.turns)} turns, expected at most {expect.max_turns}"
    if expect.max_ms is not None and record.duration_ms > expect.max_ms:
        yield f"the call took {record.duration_ms} ms, expected at most {expect.max_ms}"
    yield from _speech_failures(expect, ended.trace.events)


def _speech_failures(expect: CallExpectation, events: Sequence[TraceEvent]) -> Iterator[str]:
    said = " ".join(event.text for event in events if event.lane == "reply").lower()
    yield from (f"“{one}” was not said" for one in expect.spoken if one.lower() not in said)
    yield from (f"“{one}” was said" for one in expect.not_spoken if one.lower() in said)
    at = 0
    for phrase in expect.in_order:
        found = said.find(phrase.lower(), at)
        if found < 0:
            yield f"“{phrase}” was not said, or not in this order"
            break
        at = found + len(phrase)
    lost = sum(event.text == SynthesisError.code for event in events)
    if lost:
        yield f"{lost} sentences could not be said"


def _turn_failures(expect: TurnExpectation, record: TurnRecord, ended: EndedCall) -> list[str]:
    pairs = (
        ("field", record.field, expect.field),
        ("result", record.result, expect.result),
        ("value", *_values(expect, record)),
        ("mode", record.mode, expect.mode),
        ("bargein", record.bargein, expect.bargein),
    )
    failures = [
        f"{name} is {found}, expected {want}"
        for name, found, want in pairs
        if want is not None and found != want
    ]
    if expect.prompt is not None and not expect.prompt.search(_before(record, ended.trace.events)):
        failures.append(f"the prompt does not have “{expect.prompt.pattern}”")
    waited_ms = record.timing.reply_after_ms
    if expect.reply_ms is not None and (waited_ms is None or waited_ms > expect.reply_ms):
        failures.append(f"the reply came after {waited_ms} ms, expected at most {expect.reply_ms}")
    return failures


def _values(expect: TurnExpectation, record: TurnRecord) -> tuple[str | None, str | None]:
    """The actual and the expected value; a secret that was not hidden is not shown here either."""
    if expect.value != HIDDEN_VALUE:
        return record.value, expect.value
    kept = record.value is not None or record.utterance is not None or record.partials
    hidden = HIDDEN if record.result == "match" else None
    return "in the record" if kept else hidden, HIDDEN


def _answered(turns: Sequence[TurnRecord], at_ms: int) -> TurnRecord | None:
    """The collect during which an action began."""
    return next((one for one in turns if one.timing.start_ms <= at_ms <= one.timing.end_ms), None)


def _before(record: TurnRecord, events: Sequence[TraceEvent]) -> str:
    """The words queued between the previous entry and this one."""
    heard = [event for event in events if event.lane == "reply"]
    start_ms, end_ms = record.timing.start_ms, record.timing.end_ms
    return " ".join(event.text for event in heard if start_ms <= event.at_ms <= end_ms)
