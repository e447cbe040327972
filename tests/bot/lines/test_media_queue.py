"""Reply audio on its way to a PBX: whole frames, in order, and never too far ahead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lines.media_queue import MediaQueue

pytestmark = pytest.mark.unit

FRAME = 320


def queue() -> MediaQueue:
    return MediaQueue(8_000, FRAME)


def drain(waiting: MediaQueue, wall_ms: int = 0) -> list[bytes | str]:
    messages: list[bytes | str] = []
    while (message := waiting.next(wall_ms)) is not None:
        messages.append(message)
    return messages


def test_a_partial_frame_waits_for_more_and_is_padded_before_a_mark() -> None:
    waiting = queue()
    waiting.put(b"\1" * 500)
    assert drain(waiting) == [b"\1" * 320]
    waiting.put(b"\2" * 200)
    assert drain(waiting) == [b"\1" * 180 + b"\2" * 140]
    waiting.mark("a")
    assert drain(waiting) == [b"\2" * 60 + bytes(260), "a"]


def test_a_message_has_at_most_half_a_second() -> None:
    waiting = queue()
    waiting.put(bytes(320 * 60))
    assert [len(message) for message in drain(waiting)] == [8_000, 8_000, 3_200]


def test_the_pbx_gets_at_most_six_seconds_ahead() -> None:
    waiting = queue()
    waiting.put(bytes(16_000 * 20))
    waiting.mark("end")
    assert sum(map(len, drain(waiting, 0))) == 16_000 * 13 // 2
    assert waiting.ready_in_ms(0) == 500
    assert drain(waiting, 499) == []
    assert len(drain(waiting, 501)) == 1


def test_nothing_is_sent_while_the_pbx_is_full() -> None:
    waiting = queue()
    waiting.put(bytes(320))
    waiting.stopped = True
    assert drain(waiting) == []
    waiting.stopped = False
    assert drain(waiting) == [bytes(320)]


@pytest.mark.parametrize(("wall_ms", "unplayed_ms"), [(0, 1_000), (400, 600), (3_000, 0)])
def test_a_flush_reports_unplayed_audio(wall_ms: int, unplayed_ms: int) -> None:
    waiting = queue()
    waiting.put(bytes(16_000))
    drain(waiting, 0)
    assert waiting.flush(wall_ms) == unplayed_ms
    assert waiting.flush(wall_ms) == 0


def test_a_flush_reports_and_drops_queued_audio() -> None:
    waiting = queue()
    waiting.put(bytes(16_000 * 10))
    drain(waiting, 0)
    assert waiting.flush(1_000) == 9_000
    assert drain(waiting, 20_000) == []


def test_a_mark_reports_what_was_really_played() -> None:
    """A PBX that begins 700 ms late: the mark in the middle comes late, and a flush knows."""
    waiting = queue()
    waiting.put(bytes(16_000))
    waiting.mark("middle")
    waiting.put(bytes(16_000))
    drain(waiting, 0)
    assert waiting.reached("middle", 1_700)
    assert waiting.flush(2_000) == 700


def test_a_mark_that_was_flushed_or_is_unknown_was_not_reached() -> None:
    waiting = queue()
    waiting.mark("a")
    drain(waiting)
    waiting.flush(0)
    assert not waiting.reached("a", 0)
    assert not waiting.reached("b", 0)


@given(st.lists(st.one_of(st.binary(max_size=2_000), st.sampled_from("abc")), max_size=20))
def test_everything_is_sent_once_in_whole_frames_and_in_order(parts: list[bytes | str]) -> None:
    waiting = queue()
    for part in parts:
        if isinstance(part, bytes):
            waiting.put(part)
        else:
            waiting.mark(part)
    waiting.mark("end")
    messages = drain(waiting)
    audio = [message for message in messages if isinstance(message, bytes)]
    assert all(len(each) % FRAME == 0 and len(each) <= 8_000 for each in audio)
    marks = [message for message in messages if isinstance(message, str)]
    assert marks == [*(part for part in parts if isinstance(part, str)), "end"]
    put = b"".join(part for part in parts if isinstance(part, bytes))
    assert b"".join(audio).replace(b"\0", b"") == put.replace(b"\0", b"")
