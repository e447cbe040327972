"""A press that arrives as event and tone is one key; quick presses of one key stay two."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tones.dtmf_dedup import LONGEST_PRESS_MS, WINDOW_MS, KeyDedup
from bot.types import KEYS

pytestmark = pytest.mark.unit


@dataclass(frozen=True)
class Press:
    """One press as the two ways tell it; ``skew_ms`` is how much later its event is known."""

    key: str
    length_ms: int
    pause_ms: int
    skew_ms: int


PRESSES = st.lists(
    st.builds(
        Press,
        key=st.sampled_from(KEYS),
        length_ms=st.integers(40, LONGEST_PRESS_MS),
        pause_ms=st.integers(40, 1_500),
        skew_ms=st.integers(-100, 250),
    ),
    max_size=12,
)
DETECTION_MS = 60


def told(
    presses: list[Press], *, events: bool, tones: bool, at_the_end: bool = False
) -> list[tuple[int, str, str, int, int | None]]:
    """What arrives, in order: (when it is known, way, key, start, end)."""
    arrivals: list[tuple[int, str, str, int, int | None]] = []
    at_ms = 1_000
    for press in presses:
        end_ms = at_ms + press.length_ms
        if tones:
            arrivals.append((at_ms + DETECTION_MS, "tone", press.key, at_ms, None))
            arrivals.append((end_ms + DETECTION_MS, "tone", press.key, at_ms, end_ms))
        if events:
            known_ms = (end_ms if at_the_end else at_ms) + press.skew_ms
            arrivals.append((known_ms, "event", press.key, known_ms, None))
        at_ms = end_ms + press.pause_ms
    return sorted(arrivals, key=lambda arrival: arrival[0])


def keys(arrivals: list[tuple[int, str, str, int, int | None]]) -> str:
    once = KeyDedup()
    return "".join(
        key
        for _, way, key, start_ms, end_ms in arrivals
        if (once.event(key, start_ms) if way == "event" else once.tone(key, start_ms, end_ms))
    )


@pytest.mark.parametrize("at_the_end", [False, True], ids=["key down", "key up"])
@given(presses=PRESSES)
def test_a_press_on_both_ways_is_one_key(presses: list[Press], at_the_end: bool) -> None:
    both = keys(told(presses, events=True, tones=True, at_the_end=at_the_end))
    assert sorted(both) == sorted(press.key for press in presses)


@pytest.mark.parametrize("way", ["event", "tone"])
@given(presses=PRESSES)
def test_presses_on_one_way_are_all_kept_in_order(presses: list[Press], way: str) -> None:
    alone = told(
        [Press(press.key, press.length_ms, press.pause_ms, 0) for press in presses],
        events=way == "event",
        tones=way == "tone",
    )
    assert keys(alone) == "".join(press.key for press in presses)


@given(press=st.builds(Press, st.sampled_from(KEYS), st.integers(40, 500), st.just(0), st.just(0)))
def test_a_long_time_later_the_other_way_is_another_press(press: Press) -> None:
    once = KeyDedup()
    assert once.tone(press.key, 0)
    assert not once.tone(press.key, 0, press.length_ms)
    assert once.event(press.key, press.length_ms + WINDOW_MS + 1)


def test_two_quick_presses_told_events_first_are_two_keys() -> None:
    once = KeyDedup()
    assert [once.event("7", 0), once.event("7", 100)] == [True, True]
    assert [once.tone("7", 20), once.tone("7", 120)] == [False, False]


@pytest.mark.parametrize("held_ms", [2_000, LONGEST_PRESS_MS])
def test_a_key_held_for_seconds_with_its_event_at_the_end_is_one_key(held_ms: int) -> None:
    once = KeyDedup()
    assert once.tone("0", 1_000)
    assert not once.event("0", 1_000 + held_ms + 50)
    assert not once.tone("0", 1_000, 1_000 + held_ms)


def test_different_keys_are_never_one_press() -> None:
    once = KeyDedup()
    assert [once.event("1", 0), once.tone("2", 0)] == [True, True]


def test_a_press_whose_tone_the_line_swallowed_does_not_hide_the_next_one() -> None:
    once = KeyDedup()
    heard = [once.event("5", 0), once.tone("5", 200), once.event("5", 210)]
    assert sum(heard) == 2
