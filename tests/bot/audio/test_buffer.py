"""Audio that grows frame by frame."""

from __future__ import annotations

import pytest

from bot.audio.buffer import AudioBuffer, joined
from bot.types import AudioFrame

pytestmark = pytest.mark.unit

RATE = 8_000


def frame(first: int, ms: int, start_ms: int, rate: int = RATE) -> AudioFrame:
    """Samples that count up from ``first``."""
    values = range(first, first + rate * ms // 1000)
    pcm = b"".join(value.to_bytes(2, "little") for value in values)
    return AudioFrame(pcm, rate, start_ms)


def filled() -> AudioBuffer:
    buffer = AudioBuffer(RATE)
    buffer.add(frame(0, 20, 100))
    buffer.add(frame(160, 30, 120))
    return buffer


def test_joined_frames_last_from_the_first_to_the_last() -> None:
    whole = filled().since(0)
    assert whole == frame(0, 50, 100)
    assert (whole.start_ms, whole.end_ms, len(filled())) == (100, 150, 400)


def test_the_audio_after_a_sample_starts_at_that_sample() -> None:
    assert filled().since(160) == frame(160, 30, 120)
    assert filled().since(400) == AudioFrame(b"", RATE, 150)


def test_cleared_audio_is_gone_and_more_can_be_added() -> None:
    buffer = filled()
    buffer.clear()
    assert len(buffer) == 0
    buffer.add(frame(7, 10, 900))
    assert buffer.since(0) == frame(7, 10, 900)


def test_frames_of_fractional_milliseconds_end_where_the_last_one_ends() -> None:
    at_44k = [AudioFrame(bytes(2 * 441 + 20), 44_100, start_ms) for start_ms in (0, 10, 20)]
    assert joined(at_44k).end_ms == at_44k[-1].end_ms == 30
    assert len(joined(at_44k).pcm) == 3 * (2 * 441 + 20)


def test_a_single_frame_is_returned_unchanged() -> None:
    assert joined([frame(3, 20, 40)]) == frame(3, 20, 40)
