"""The drawing of one call."""

from __future__ import annotations

import pytest

from server.models import Call, Turn
from server.pages.plots import timeline

pytestmark = pytest.mark.unit


def call(duration_ms: int, *ends_ms: int) -> Call:
    """A call of this length, with a turn that ends at each of the times."""
    turns = [
        Turn(field="pin", attempt=1, result="match", start_ms=0, end_ms=end_ms)
        for end_ms in ends_ms
    ]
    return Call(duration_ms=duration_ms, turns=turns)


@pytest.mark.parametrize("drawn", [call(1), call(0, 1), call(60_000, 4_000, 9_000)])
def test_a_call_with_audio_is_drawn(drawn: Call) -> None:
    drawing = timeline(drawn)
    assert drawing is not None
    assert len(drawing.boxes) == len(drawn.turns)


@pytest.mark.parametrize("typed", [call(0), call(0, 0, 0)])
def test_a_call_that_was_typed_has_no_times_to_draw(typed: Call) -> None:
    assert timeline(typed) is None
