"""What Asterisk says, and whatever else may arrive in its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lines.asterisk_messages import (
    Flow,
    KeyUp,
    MarkReached,
    MediaStart,
    Other,
    command,
    read,
)
from tests.support.asterisk import Channel

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("kind", "rate", "size"), [("slin", 8_000, 320), ("slin16", 16_000, 640)])
def test_the_first_message_gives_the_caller_and_the_audio_format(
    kind: str, rate: int, size: int
) -> None:
    channel = Channel(kind, variables={"__ELMS_CALLER": "+16015550142", "__ELMS_ID": "1.2"})
    assert read(channel.start()) == MediaStart(rate, size, "+16015550142", "1.2")


@pytest.mark.parametrize(
    "number", ["", "anonymous", "+1601555014255555555555", "0'; --", 12, None, "٣٤", "12\n"]
)
def test_anything_but_a_telephone_number_counts_as_withheld(number: object) -> None:
    variables = {"__ELMS_CALLER": number, "__ELMS_ID": number}
    said = read(json.dumps({"event": "MEDIA_START", "channel_variables": variables}))
    assert isinstance(said, MediaStart)
    assert said.caller_number is None


def test_an_unsupported_format_has_no_rate() -> None:
    said = read(json.dumps({"event": "MEDIA_START", "format": "ulaw", "optimal_frame_size": 160}))
    assert isinstance(said, MediaStart)
    assert said.rate is None


@pytest.mark.parametrize("size", [0, -320, 319, 1 << 40, "320", None, True, 3.5])
def test_an_impossible_frame_size_is_read_as_20_ms(size: object) -> None:
    said = read(json.dumps({"event": "MEDIA_START", "format": "slin", "optimal_frame_size": size}))
    assert isinstance(said, MediaStart)
    assert said.frame_bytes == 320


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"event":"DTMF_END","digit":"5","duration_ms":90}', KeyUp("5")),
        ('{"event":"MEDIA_MARK_PROCESSED","correlation_id":"prompt-3"}', MarkReached("prompt-3")),
        ('{"event":"MEDIA_XOFF"}', Flow(True)),
        ('{"event":"MEDIA_XON"}', Flow(False)),
        ('{"event":"QUEUE_DRAINED"}', Other()),
        ('{"event":"ERROR","error_text":"x"}', Other(failed=True)),
        ('{"event":"SOMETHING_NEW"}', Other()),
        ('{"event":7}', None),
        ("{}", None),
        ("[]", None),
        ("null", None),
        ("MEDIA_START connection_id:botws", None),
        ('{"event":"DTMF_E', None),
        ("[" * 5_000, None),
        ("", None),
    ],
)
def test_each_message_is_read(text: str, message: object) -> None:
    assert read(text) == message


@given(st.text() | st.dictionaries(st.text(), st.text() | st.integers()).map(json.dumps))
def test_no_received_message_raises(text: str) -> None:
    read(text)


def test_a_command_that_asterisk_would_drop_is_not_made() -> None:
    made = command("MARK_MEDIA", correlation_id="prompt-12")
    assert made == '{"command":"MARK_MEDIA","correlation_id":"prompt-12"}'
    with pytest.raises(ValueError, match="longer than 127"):
        command("MARK_MEDIA", correlation_id="x" * 100)


def test_the_repr_of_a_message_shows_neither_number_nor_key() -> None:
    channel = Channel(variables={"__ELMS_CALLER": "+16015550142", "__ELMS_ID": "1795993468.2"})
    shown = repr((read(channel.start()), read('{"event":"DTMF_END","digit":"7"}')))
    assert "6015550142" not in shown
    assert "1795993468" not in shown
    assert "'7'" not in shown
