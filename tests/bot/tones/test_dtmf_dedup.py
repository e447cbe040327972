"""A press that arrives as event and tone is one key; quick presses of one key stay two."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tones.dtmf_dedup import KeyDedup
from bot.types import KEYS

pytestmark = pytest.mark.unit

WINDOW_MS, LONGEST_PRESS_MS = 400, 20_000


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
        length_ms=st.integers(40, 6_000),
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
def test_a_press_reported_as_tone_and_event_is_one_key(
    presses: list[Press], at_the_end: bool
) -> None:
    both = keys(told(presses, events=True, tones=True, at_the_end=at_the_end))
    assert sorted(both) == sorted(press.key for press in presses)


@pytest.mark.parametrize("way", ["event", "tone"])
@given(presses=PRESSES)
def test_presses_reported_one_way_are_all_kept_in_order(presses: list[Press], way: str) -> None:
    alone = told(
        [Press(press.key, press.length_ms, press.pause_ms, 0) for press in presses],
        events=way == "event",
        tones=way == "tone",
    )
    assert keys(alone) == "".join(press.key for press in presses)


def test_an_event_long_after_any_press_is_another_press() -> None:
    once = KeyDedup()
    assert once.tone("5", 0)
    assert not once.tone("5", 0, 80)
    assert once.event("5", 60_000)


@pytest.mark.parametrize("skew_ms", [-80, 0, 200])
def test_two_presses_60_ms_apart_stay_two_as_tones_and_events(skew_ms: int) -> None:
    presses = [Press("5", 80, 60, skew_ms), Press("5", 80, 60, skew_ms)]
    for at_the_end in (False, True):
        assert keys(told(presses, events=True, tones=True, at_the_end=at_the_end)) == "55"


@pytest.mark.parametrize("held_ms", [500, 1_000, 3_500, 8_000, 15_000])
def test_a_leaked_beginning_and_the_event_at_key_up_are_one_key(held_ms: int) -> None:
    once = KeyDedup(events=True)
    heard = [once.tone("5", 500), once.tone("5", 500, 540), once.event("5", 500 + held_ms)]
    assert heard == [True, False, False]
    assert once.overdue(60_000) == ()


@pytest.mark.parametrize("events", ["key down", "key up"])
def test_two_tones_of_one_press_around_a_mute_are_one_key(events: str) -> None:
    once = KeyDedup(events=True)
    heard = [once.event("5", 520)] if events == "key down" else []
    heard += [once.tone("5", 500), once.tone("5", 500, 560)]
    heard += [once.tone("5", 900), once.tone("5", 900, 1_000)]
    assert once.overdue(1_100) == ()
    heard += [once.event("5", 1_020)] if events == "key up" else []
    assert sum(heard) == 1
    assert once.overdue(9_000) == ()


def test_without_an_event_equal_tones_are_separate_presses() -> None:
    once = KeyDedup(events=True)
    heard = [
        once.tone("5", 0),
        once.tone("5", 0, 80),
        once.tone("5", 200),
        once.tone("5", 200, 280),
    ]
    assert sum(heard) == 1
    assert once.overdue(600) == ()
    assert once.overdue(281 + WINDOW_MS) == ("5",)


def test_a_held_tone_is_reported_before_the_next_key() -> None:
    once = KeyDedup(events=True)
    heard = [
        once.tone("5", 0),
        once.tone("5", 0, 80),
        once.tone("5", 200),
        once.tone("5", 200, 280),
    ]
    assert once.overdue(400, "7") == ("5",)
    assert [*heard, once.tone("7", 350)] == [True, False, False, False, True]


def test_two_quick_presses_reported_by_events_first_are_two_keys() -> None:
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


def test_a_press_with_a_lost_tone_does_not_hide_the_next_one() -> None:
    once = KeyDedup()
    heard = [once.event("5", 0), once.tone("5", 200), once.event("5", 210)]
    assert sum(heard) == 2


@pytest.mark.parametrize(("apart_ms", "new"), [(20_399, False), (20_400, False), (20_401, True)])
def test_the_event_of_a_tone_has_a_latest_time_after_its_start(apart_ms: int, new: bool) -> None:
    once = KeyDedup()
    for start_ms in (0, 100_000):
        assert once.tone("5", start_ms)
        assert once.event("5", start_ms + apart_ms) is new
        once = KeyDedup()


@pytest.mark.parametrize(("start_ms", "new"), [(20, False), (399, False), (400, True), (401, True)])
def test_a_tone_after_the_event_of_another_key_waits_a_limited_time_for_its_event(
    start_ms: int, new: bool
) -> None:
    once = KeyDedup()
    assert [once.event("5", 0), once.event("7", 1)] == [True, True]
    assert once.tone("5", start_ms) is new


@pytest.mark.parametrize(("now_ms", "late"), [(679, ()), (680, ()), (681, ("5",))])
def test_a_tone_waits_a_limited_time_after_its_end_for_its_event(
    now_ms: int, late: tuple[str, ...]
) -> None:
    once = KeyDedup(events=True)
    once.tone("5", 0)
    once.tone("5", 0, 80)
    once.tone("5", 200)
    assert once.overdue(9_000) == ()  # it still sounds
    once.tone("5", 200, 280)
    assert once.overdue(now_ms) == late
    assert once.overdue(9_000) == (() if late else ("5",))


def test_events_after_their_tones_were_reported_are_ignored() -> None:
    once = KeyDedup(events=True)
    once.tone("5", 0)
    once.tone("5", 200)
    once.tone("5", 200, 280)
    assert once.overdue(700) == ("5",)
    assert [once.event("5", 710), once.event("5", 720), once.event("5", 730)] == [
        False,
        False,
        True,
    ]


def test_a_key_after_another_one_is_no_rest_of_its_press() -> None:
    once = KeyDedup(events=True)
    assert [once.tone(key, 500 * place) for place, key in enumerate("575")] == [True, True, True]
    twice = KeyDedup(events=True)
    assert [twice.tone(key, 500 * place) for place, key in enumerate("577")] == [True, True, False]


def test_once_there_are_events_no_tone_is_a_press_without_its_own() -> None:
    """The second tone of 5 is the rest of its first press, or its event is still to come."""
    once = KeyDedup()
    assert [once.tone("5", 0), once.tone("5", 0, 80)] == [True, False]
    assert [once.event("7", 1_000), once.tone("5", 2_000)] == [True, False]
    assert not once.tone("5", 2_000, 2_080)
    assert once.overdue(9_000) == ()
    assert once.overdue(9_000, "1") == ()


def test_equal_tones_are_presses_at_once_on_a_line_that_has_no_events() -> None:
    once = KeyDedup()
    assert [once.tone("5", 0), once.tone("5", 200)] == [True, True]
    assert once.overdue(9_000) == ()


def test_two_held_tones_are_each_reported_in_time() -> None:
    once = KeyDedup(events=True)
    for start_ms in (0, 200, 1_000):
        once.tone("5", start_ms)
        once.tone("5", start_ms, start_ms + 80)
    assert once.overdue(681) == ("5",)
    assert once.overdue(1_480) == ()
    assert once.overdue(1_481) == ("5",)


@pytest.mark.parametrize("end", [("7", 200), ("5", 0)])
def test_the_end_of_another_tone_ends_no_held_one(end: tuple[str, int]) -> None:
    once = KeyDedup(events=True)
    once.tone("5", 0)
    once.tone("5", 200)
    assert not once.tone(*end, 280)
    assert once.overdue(9_000) == ()
