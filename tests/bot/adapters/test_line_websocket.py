"""Whole calls over the telephone line, from a strict double of Asterisk, in audio time.

The double raises where Asterisk would drop or lose something, so that each of these calls is also
one in which nothing was.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
import yaml

from bot.lines.simulated_caller import CallerAction
from tests.bot.calls.test_calls import CALLS, action
from tests.support.asterisk import Channel, Limits, event
from tests.support.asterisk_call import AsteriskCall, InProcess, caller_variables, in_audio_time
from tests.support.fakes import spoken
from tests.support.telephone import KEYED, MONDAY, SUNDAY, Office

pytestmark = [pytest.mark.call, pytest.mark.timeout(120)]

ASKS_FOR_A_PERSON = [CallerAction(keys="0", wait_ms=20_000)]
SCRIPTS = {
    path.stem: script
    for path in CALLS
    if not (script := yaml.safe_load(path.read_text("utf-8"))).keys()
    & {"backend_faults", "backend_slow", "voice_fails_on"}
}
"""Calls whose scripts need nothing of the parts behind the line."""


WIDE = ("keyed", "spoken", "bargein_voice")


@pytest.mark.parametrize(
    ("name", "kind"), [*((name, "slin") for name in SCRIPTS), *((name, "slin16") for name in WIDE)]
)
def test_a_scripted_call_has_its_outcome_over_the_telephone_too(name: str, kind: str) -> None:
    script = SCRIPTS[name]
    office = Office(
        MONDAY if script.get("open", True) else SUNDAY,
        alternatives=[tuple(one) for one in script.get("alternatives", [])],
    )
    channel = Channel(kind, variables=caller_variables())
    actions = [at_rate(step, channel.rate) for step in script["caller"]]
    in_audio_time(office.call(actions, channel))
    expect, record = script["expect"], office.record
    assert record.outcome.outcome == expect["outcome"]
    assert record.outcome.verified == expect.get("verified", record.outcome.verified)
    if "turns" in expect:
        turns = [[turn.field, turn.result, turn.mode] for turn in record.turns]
        assert turns == [[*turn, None][:3] for turn in expect["turns"]]


def at_rate(step: dict[str, object], rate: int) -> CallerAction:
    made = action(step)
    if "say" in step:
        return CallerAction(
            after_ms=made.after_ms,
            when=made.when,
            pcm=spoken(str(step["say"]), rate),
            wait_ms=made.wait_ms,
            hangup=made.hangup,
        )
    return made


def test_the_record_has_the_caller_the_line_and_the_id_of_the_pbx() -> None:
    office = Office()
    in_audio_time(office.call(KEYED))
    assert office.lines[0].caller_number == "+16015550142"
    assert (office.record.line, office.record.pbx_id) == ("telephone", "1795993468.2")


# -- what we send ------------------------------------------------------------------------------


def test_the_caller_hears_every_word_before_the_call_is_hung_up_by_a_command() -> None:
    office = Office()
    call = in_audio_time(office.call(KEYED))
    assert call.channel.hung_up
    assert call.channel.marks[-1].startswith("prompt-")
    loud_ms = call.channel.heard.count(b"\1\0") // 8
    words = len(office.voice.text.split())
    assert 0.5 * 100 * words < loud_ms <= 100 * words
    assert call.channel.flushes == 0


def test_the_greeting_starts_within_200_ms() -> None:
    call = in_audio_time(Office().call(KEYED))
    first_ms = call.channel.heard.index(b"\1\0") // 16
    assert first_ms <= 200


def test_a_long_reply_waits_here_when_the_pbx_is_full() -> None:
    """XOFF and XON, and nothing is sent in between beyond what was under way."""
    office = Office()
    limits = Limits(queue=400, xoff=100, xon=50)
    listens = [*KEYED[:2], CallerAction(after_ms=2_000, keys="4")]
    call = in_audio_time(office.call(listens, Channel(limits=limits)))
    assert call.channel.xoffs > 2
    assert office.record.outcome.outcome == "completed"


def test_barge_in_is_heard_within_two_frames_however_much_is_queued() -> None:
    """Seconds of audio wait at the PBX and here (pipecat issues 366 and 3077)."""
    office = Office()
    key = CallerAction(when="prompt-start", after_ms=1_500, keys="4", wait_ms=400, hangup=True)
    queued_ms: list[int] = []
    channel = Channel(variables=caller_variables())

    def note(at_ms: int) -> Sequence[str | bytes]:
        queued_ms.append(20 * channel.frames)
        return ()

    in_audio_time(office.call([key], channel, says=note))
    heard = bytes(channel.heard)
    begun_ms = heard.index(b"\1\0") // 16
    last_ms = heard.rindex(b"\1\0") // 16
    assert max(queued_ms) > 4_000
    assert channel.flushes == 1
    assert last_ms - begun_ms <= 1_500 + 40


def test_nothing_is_sent_after_a_hangup_and_nothing_is_raised_after_a_close() -> None:
    office = Office()
    call = in_audio_time(office.call([], gone_ms=1_000))
    assert not call.channel.hung_up
    assert office.record.outcome.outcome == "hangup"
    assert office.exchange.steps.after("1795993468.2").step == "failed"


# -- what comes ---------------------------------------------------------------------------------


def test_audio_that_overtakes_the_first_message_is_kept() -> None:
    office = Office()
    early = spoken("representative")
    frames = [early[at : at + 320] for at in range(0, len(early), 320)]
    in_audio_time(office.call([CallerAction(wait_ms=60_000)], before=frames))
    assert office.lines[0]._clock.now_ms > 360


@pytest.mark.parametrize(
    "first",
    [
        [],
        ["MEDIA_START connection_id:botws"],
        ['{"event":"MEDIA_START","format":"ulaw"}'],
        ['{"event":"DTMF_END","digit":"1"}'],
        [b"\0" * 320] * 400,
    ],
)
def test_a_peer_that_does_not_start_like_asterisk_is_disconnected(
    first: Sequence[str | bytes],
) -> None:
    office = Office()

    async def connect() -> InProcess:
        peer = InProcess(office.app)
        await peer.connect()
        for message in first:
            await peer.send(message)
        await peer.ended()
        return peer

    assert in_audio_time(connect()).is_closed()
    assert office.backend.stored == []
    assert office.exchange.there == 0


GARBAGE: Sequence[str | bytes] = (
    "",
    "{",
    "[]",
    '{"event":"DTMF_END","digit":"12"}',
    '{"event":"DTMF_END","digit":"A"}',
    '{"event":"DTMF_END"}',
    '{"event":"MEDIA_MARK_PROCESSED","correlation_id":"prompt-999"}',
    '{"event":"ERROR","error_text":"x"}',
    event("STATUS", queue_length=-1),
    b"",
    b"\0",
    b"\0" * 319,
    b"\0" * 16_000,
)


def test_garbage_and_half_messages_change_no_outcome() -> None:
    office = Office()

    def garbage(at_ms: int) -> Sequence[str | bytes]:
        return [GARBAGE[at_ms // 1_000 % len(GARBAGE)]] if at_ms % 1_000 == 0 else []

    in_audio_time(office.call(KEYED, says=garbage))
    assert office.record.outcome.outcome == "completed"


def test_five_percent_of_frames_missing_changes_no_outcome() -> None:
    office, dice = Office(), random.Random(5)
    in_audio_time(office.call(KEYED, shape=lambda _, pcm: [] if dice.random() < 0.05 else [pcm]))
    assert office.record.outcome.outcome == "completed"


def test_jitter_of_200_ms_changes_no_outcome() -> None:
    office, held = Office(), [b""]

    def in_bursts(at_ms: int, pcm: bytes) -> list[bytes]:
        held[0] += pcm
        if at_ms % 200:
            return []
        burst, held[0] = held[0], b""
        return [burst]

    says = (CallerAction(pcm=spoken("four two one nine oh three")), *KEYED[1:])
    in_audio_time(office.call(says, shape=in_bursts))
    assert office.record.outcome.outcome == "completed"


def test_a_line_without_frames_is_prompted_three_times_and_hears_goodbye() -> None:
    """The clock goes on; a silent line is not handed to a person."""
    office = Office()
    in_audio_time(office.call([], shape=lambda at_ms, pcm: []))
    record = office.record
    assert [turn.result for turn in record.turns] == ["noinput"] * 3
    assert record.outcome.outcome == "gave-up"
    assert office.lines[0].filled_ms > 0.95 * record.duration_ms


def test_thirty_seconds_without_frames_in_the_middle_are_silence() -> None:
    office = Office()
    in_audio_time(
        office.call(
            (CallerAction(keys="421903"), CallerAction(after_ms=25_000, keys="5827"), KEYED[2]),
            shape=lambda at_ms, pcm: [] if 8_000 <= at_ms < 38_000 else [pcm],
        )
    )
    assert "noinput" in [turn.result for turn in office.record.turns]
    assert 29_000 <= office.lines[0].filled_ms <= 31_000


@pytest.mark.parametrize("gone_ms", range(0, 40_000, 2_500))
def test_a_caller_can_hang_up_at_any_time(gone_ms: int) -> None:
    office = Office()
    in_audio_time(office.call(KEYED, gone_ms=gone_ms))
    assert office.record.outcome.outcome in ("hangup", "completed")
    assert office.exchange.there == 0


def test_a_peer_that_stops_sending_and_receiving_is_disconnected() -> None:
    """Gone without a word: the call goes on by the clock, hangs up, and closes by itself."""
    office = Office(SUNDAY)

    async def call() -> None:
        peer = InProcess(office.app)
        await peer.connect()
        await peer.send(Channel().start())
        await peer.ended(600)

    in_audio_time(call())
    assert office.record.outcome.outcome == "gave-up"


# -- what is next ------------------------------------------------------------------------------


def test_the_dialplan_is_told_which_call_a_representative_gets() -> None:
    office = Office()
    in_audio_time(office.call(ASKS_FOR_A_PERSON))
    step = office.exchange.steps.after("1795993468.2")
    assert (step.step, step.call_id) == ("representative", office.record.call_id)
    assert office.record.outcome.outcome == "transferred"


def test_the_dialplan_is_told_that_nothing_is_next() -> None:
    office = Office()
    in_audio_time(office.call(KEYED))
    assert office.exchange.steps.after("1795993468.2").step == "hangup"


def test_concurrent_callers_have_separate_calls() -> None:
    office = Office()

    async def calls() -> list[AsteriskCall]:
        return [
            await each
            for each in [
                office.call(KEYED, Channel(variables=caller_variables(call=f"179.{number}")))
                for number in range(3)
            ]
        ]

    in_audio_time(calls())
    assert {record.pbx_id for record in office.backend.stored} == {"179.0", "179.1", "179.2"}
