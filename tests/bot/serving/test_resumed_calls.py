"""Calls that the dialplan brings back because nobody could take them, by the double of Asterisk."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
import structlog

from bot.calls import call_log
from bot.calls.spool import Spool
from bot.errors import BackendError
from bot.lines.simulated_caller import CallerAction
from bot.records import CALL, CallRecord
from bot.types import CallBack
from tests.bot.calls.test_secrets_canary import patterns
from tests.support.asterisk import Channel
from tests.support.asterisk_call import caller_variables, in_audio_time
from tests.support.fake_elms import FakeBackend
from tests.support.fakes import spoken
from tests.support.telephone import MONDAY, SUNDAY, Office

pytestmark = [pytest.mark.call, pytest.mark.timeout(120)]

ID, EARLIER = "1795993468.2", "5f1c0a6e"
OWN, OTHER = "6015550142", "6625550117"
PIN = "5827"
YES, NO, MORNING, ANY = (CallerAction(keys=key) for key in ("1", "2", "1", "3"))
LEAVES = CallerAction(hangup=True)


def back(number: str = f"+1{OWN}", earlier: str = EARLIER) -> Channel:
    """The channel of a caller whom nobody could talk to; without a number it is withheld."""
    variables = caller_variables(number, ID) | {"__ELMS_RESUME": earlier}
    return Channel(variables={name: value for name, value in variables.items() if value})


def call(
    actions: Sequence[CallerAction],
    channel: Channel | None = None,
    now: datetime = MONDAY,
    office: Office | None = None,
) -> Office:
    """One resumed call to its end on both sides."""
    office = office or Office(now)
    in_audio_time(office.call(actions, channel or back()))
    return office


def test_a_caller_confirms_the_number_and_is_promised_a_call() -> None:
    office = call([YES, YES, MORNING])
    assert office.record.outcome.outcome == "call-back"
    assert office.record.call_back == CallBack(OWN, "08:00", "12:00", EARLIER)
    assert office.exchange.steps.after(ID).step == "hangup"
    assert "Nobody could take your call" in office.voice.text


def test_a_caller_keys_another_number() -> None:
    office = call([YES, NO, CallerAction(keys=OTHER), ANY])
    assert office.record.call_back == CallBack(OTHER, "08:00", "17:30", EARLIER)


def test_a_one_before_the_ten_digits_is_not_part_of_them() -> None:
    office = call([YES, CallerAction(keys=f"1{OTHER}"), ANY], back(""))
    assert office.record.call_back == CallBack(OTHER, "08:00", "17:30", EARLIER)


def test_a_withheld_number_is_asked_for_and_never_spoken() -> None:
    office = call([YES, CallerAction(keys=OTHER), ANY], back(""))
    assert "The number that you are calling from" not in office.voice.text
    assert office.record.call_back is not None


def test_out_of_hours_the_caller_hears_that_the_office_is_closed() -> None:
    office = call([YES, YES, ANY], now=SUNDAY)
    assert "Our office is closed now" in office.voice.text
    assert office.record.outcome.outcome == "call-back"


def test_a_caller_who_wants_a_person_goes_to_the_queue() -> None:
    office = call([CallerAction(keys="0", wait_ms=20_000)])
    step = office.exchange.steps.after(ID)
    assert step.step == "representative"
    assert step.call_id == office.record.call_id
    assert office.record.handover is not None
    assert office.record.call_back is None


@pytest.mark.parametrize("answers", [[], [YES], [YES, NO], [YES, YES]])
def test_a_caller_can_hang_up_at_every_question(answers: list[CallerAction]) -> None:
    office = call([*answers, LEAVES])
    assert office.record.outcome.outcome == "hangup"
    assert office.record.call_back is None


def test_a_caller_who_hangs_up_during_the_promise_is_called_back() -> None:
    office = call([YES, YES, MORNING, CallerAction(after_ms=500, when="prompt-start", hangup=True)])
    assert office.record.call_back == CallBack(OWN, "08:00", "12:00", EARLIER)


def test_silence_ends_with_goodbye_and_without_a_promise() -> None:
    office = call([CallerAction(wait_ms=60_000)])
    assert office.record.outcome.outcome == "gave-up"
    assert office.record.call_back is None
    assert "Goodbye" in office.voice.text


def test_an_unreachable_backend_gets_the_promise_later(tmp_path: Path) -> None:
    class Down(FakeBackend):
        down = True

        async def store_call(self, record: CallRecord) -> None:
            if self.down:
                raise BackendError("down")
            await super().store_call(record)

    backend, spool = Down(), Spool(tmp_path)
    call([YES, YES, MORNING], office=Office(backend=backend, spool=spool))
    assert backend.stored == []
    backend.down = False
    assert asyncio.run(spool.deliver(backend)) == 1
    (record,) = backend.stored
    assert record.call_back == CallBack(OWN, "08:00", "12:00", EARLIER)
    assert list(tmp_path.iterdir()) == []


def test_neither_log_nor_turns_have_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    log = io.StringIO()
    call_log.configure(log, logging.DEBUG)
    try:
        office = call([YES, NO, CallerAction(keys=OTHER), ANY])
    finally:
        structlog.reset_defaults()
    printed = capsys.readouterr()
    written = log.getvalue() + printed.out + printed.err + repr(office.record)
    for number in (OWN, OTHER):
        assert number not in written
    assert "call-back" in written
    assert "call_back_number" in written


@pytest.mark.parametrize(
    "instead",
    [
        [CallerAction(keys=PIN)],
        [YES, CallerAction(keys=PIN)],
        [YES, NO, CallerAction(keys=PIN)],
        [YES, NO, CallerAction(keys=f"421903{PIN}")],
        [YES, NO, CallerAction(keys=f"{PIN}42190{PIN}")],
        [YES, NO, CallerAction(pcm=spoken("five eight two seven"))],
        [YES, NO, CallerAction(pcm=spoken("my pin is five eight two seven"))],
        [YES, YES, CallerAction(keys=PIN)],
        [YES, YES, CallerAction(pcm=spoken("five eight two seven"))],
    ],
)
def test_a_pin_that_is_given_where_nobody_asked_leaves_no_trace(
    instead: list[CallerAction], caplog: pytest.LogCaptureFixture
) -> None:
    """S2 in a call that goes on: the caller thinks that the login begins again."""
    log = io.StringIO()
    call_log.configure(log, logging.DEBUG)
    with caplog.at_level(logging.DEBUG):
        office = call([*instead, CallerAction(wait_ms=3_000), LEAVES])
    kept = CALL.dump_json(office.record).decode()
    written = log.getvalue() + caplog.text + kept + repr(office.record)
    assert '"event": "call"' in written
    assert any(turn.result in ("match", "nomatch") for turn in office.record.turns)
    for pattern in patterns():
        assert not pattern.search(written.encode()), pattern.pattern
    assert PIN not in office.exchange.metrics.text().decode()


@pytest.mark.parametrize("earlier", ["", "x" * 81, "two words"])
def test_without_an_earlier_call_the_call_is_an_ordinary_one(earlier: str) -> None:
    office = call([CallerAction(wait_ms=3_000), LEAVES], back(earlier=earlier))
    assert "I can tell you the status" in office.voice.text
