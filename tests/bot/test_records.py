"""What is kept of a call, as it is stored: the shape that the backend and every page know."""

from __future__ import annotations

import json

import pytest

from bot.calls.call_log import turn_line
from bot.records import CALL, CallRecord, Timing, TurnRecord
from bot.types import CallOutcome, Handover

pytestmark = pytest.mark.unit

RECORD = CallRecord(
    call_id="call-1",
    started_utc="2022-12-05T16:00:00+00:00",
    line="recording",
    duration_ms=61_000,
    outcome=CallOutcome("transferred", "asked", verified=True, license_number="421903"),
    turns=(
        TurnRecord(
            field="license_number",
            attempt=1,
            result="match",
            timing=Timing(100, 9_000, 3_000, 4_000, 8_400, 190),
            mode="mixed",
            confidence=0.97,
            utterance="four two one nine oh three",
            value="421903",
            grammar="license_number",
            bargein=True,
            decision="accept",
            partials=((4_900, "four"), (5_300, "four two")),
        ),
        TurnRecord("pin", 1, "noinput", Timing(9_000, 12_000)),
    ),
    handover=Handover("asked", "421903", True, None, "renewal"),
)

STORED = """
{"call_id":"call-1","started_utc":"2022-12-05T16:00:00+00:00","line":"recording",
"duration_ms":61000,"outcome":{"outcome":"transferred","reason":"asked","verified":true,
"license_number":"421903"},"turns":[{"field":"license_number","attempt":1,"result":"match",
"start_ms":100,"end_ms":9000,"prompt_end_ms":3000,"speech_start_ms":4000,"speech_end_ms":8400,
"reply_after_ms":190,"mode":"mixed","confidence":0.97,"utterance":"four two one nine oh three",
"value":"421903","grammar":"license_number","bargein":true,"decision":"accept",
"partials":[[4900,"four"],[5300,"four two"]]},{"field":"pin","attempt":1,"result":"noinput",
"start_ms":9000,"end_ms":12000,"prompt_end_ms":null,"speech_start_ms":null,"speech_end_ms":null,
"reply_after_ms":null,"mode":null,"confidence":null,"utterance":null,"value":null,"grammar":null,
"bargein":false,"decision":null,"partials":[]}],"handover":{"reason":"asked",
"license_number":"421903","verified":true,"failed_field":null,"wanted":"renewal"}}
""".replace("\n", "")
"""As records were stored before their times were one value: old files can still be read."""

HEARD = ',"heard":null,"unheard":null'
STORED_NOW = (
    STORED[:-1]
    .replace('"four two"]]}', f'"four two"]]{HEARD}}}')
    .replace('"partials":[]}', f'"partials":[]{HEARD}}}')
    + ',"pbx_id":null,"call_back":null,"heard":null,"unheard":null}'
)
"""The same call as it is stored now: with the PBX's name for it, and the service's words."""


def test_the_times_of_a_turn_are_stored_among_its_fields() -> None:
    assert CALL.dump_json(RECORD).decode() == STORED_NOW


def test_the_record_that_is_sent_equals_the_stored_one() -> None:
    sent = json.dumps(CALL.dump_python(RECORD, mode="json"), separators=(",", ":"))
    assert sent == STORED_NOW


def test_a_stored_record_is_read_back_as_it_was() -> None:
    assert CALL.validate_json(STORED) == RECORD


@pytest.mark.parametrize("lost", ["start_ms", "end_ms", "field"])
def test_a_stored_turn_without_a_required_field_is_an_error(lost: str) -> None:
    broken = json.loads(STORED)
    del broken["turns"][0][lost]
    with pytest.raises(ValueError, match=lost):
        CALL.validate_python(broken)


def test_a_turn_is_logged_with_its_stored_field_names() -> None:
    assert turn_line(RECORD.turns[0]) == {
        "field": "license_number",
        "attempt": 1,
        "result": "match",
        "mode": "mixed",
        "confidence": 0.97,
        "grammar": "license_number",
        "bargein": True,
        "decision": "accept",
        "start_ms": 100,
        "end_ms": 9_000,
        "reply_after_ms": 190,
    }
