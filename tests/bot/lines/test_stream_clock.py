"""The caller's clock never stops, whatever arrives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lines.stream_clock import StreamClock

pytestmark = pytest.mark.unit

FRAME = b"\1\0" * 160


def test_a_stream_on_time_is_never_filled() -> None:
    clock = StreamClock(8_000, 5_000)
    for number in range(500):
        assert clock.passed(5_000 + 20 * number) == []
        (frame,) = clock.arrived(FRAME, 5_000 + 20 * number)
        assert (frame.start_ms, frame.pcm) == (20 * number, FRAME)
    assert clock.filled_ms == 0


@pytest.mark.parametrize(
    ("wall_ms", "frames"), [(99, 0), (100, 1), (119, 1), (120, 2), (1_000, 46), (30_000, 1_496)]
)
def test_silence_is_filled_in_where_the_stream_is_100_ms_behind(wall_ms: int, frames: int) -> None:
    clock = StreamClock(8_000, 0)
    filled = clock.passed(wall_ms)
    assert len(filled) == frames
    assert clock.filled_ms == clock.now_ms == 20 * frames
    assert all(frame.pcm == bytes(320) for frame in filled)


def test_late_audio_is_appended() -> None:
    clock = StreamClock(8_000, 0)
    clock.passed(300)
    late = clock.arrived(FRAME * 10, 300)
    assert [frame.start_ms for frame in late] == list(range(220, 420, 20))
    assert clock.passed(300) == []


def test_audio_far_ahead_of_the_wall_is_dropped() -> None:
    clock = StreamClock(8_000, 0)
    for _ in range(100):
        clock.arrived(FRAME * 50, 0)
    assert clock.now_ms == 10_000


@given(
    st.lists(st.one_of(st.integers(0, 900), st.binary(max_size=700)), max_size=40),
    st.sampled_from([8_000, 16_000]),
)
def test_frames_are_whole_and_without_gaps(steps: list[int | bytes], rate: int) -> None:
    clock, wall_ms, end_ms = StreamClock(rate, 0), 0, 0
    for step in steps:
        wall_ms += step if isinstance(step, int) else 0
        frames = clock.passed(wall_ms) if isinstance(step, int) else clock.arrived(step, wall_ms)
        for frame in frames:
            assert frame.start_ms == end_ms
            assert len(frame.pcm) == rate // 50 * 2
            end_ms = frame.end_ms
        assert wall_ms - end_ms < 100 or not isinstance(step, int)
