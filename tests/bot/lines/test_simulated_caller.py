"""The recorded caller: when each action begins and what it does, in audio time."""

from __future__ import annotations

import re

import pytest

from bot.lines.simulated_caller import CallerAction, SimulatedCaller

pytestmark = pytest.mark.unit

RATE = 8_000
FRAME_MS = 20
HALF_SECOND = b"\x01\x00" * (RATE // 2)


def began(
    actions: list[CallerAction], prompts: list[tuple[int, int]], for_ms: int
) -> list[int | None]:
    """When each action begins, where prompts play from and to these milliseconds."""
    caller = SimulatedCaller(actions, RATE)
    for now_ms in range(0, for_ms, FRAME_MS):
        playing = any(start <= now_ms < end for start, end in prompts)
        caller.tick(now_ms, FRAME_MS, playing)
    return caller.began_ms


def moments(actions: list[CallerAction], prompts: list[tuple[int, int]]) -> list[int]:
    """When each action begins, where all do."""
    found = began(actions, prompts, 5_000)
    assert len(found) == len(actions)
    return [one for one in found if one is not None]


def test_an_action_waits_for_the_prompt_to_end() -> None:
    assert began([CallerAction(after_ms=400, pcm=HALF_SECOND)], [(100, 900)], 2_000) == [1280]


def test_an_action_can_start_during_the_prompt() -> None:
    actions = [CallerAction(after_ms=300, when="prompt-start", pcm=HALF_SECOND)]
    assert began(actions, [(100, 900)], 2_000) == [400]


def test_groups_have_the_gap_in_the_script() -> None:
    groups = [
        CallerAction(after_ms=400, pcm=HALF_SECOND),
        CallerAction(after_ms=800, when="previous", pcm=HALF_SECOND),
        CallerAction(after_ms=1_200, when="previous", keys="12"),
    ]
    first, second, third = moments(groups, [(0, 200)])
    assert second - (first + 500) == 800
    assert third - (second + 500) == 1_200


def test_after_a_silence_the_next_action_counts_from_its_end() -> None:
    actions = [
        CallerAction(after_ms=0, wait_ms=1_000),
        CallerAction(after_ms=600, when="previous", pcm=HALF_SECOND),
    ]
    first, second = moments(actions, [(0, 200)])
    assert second - (first + 1_000) == 600


def test_after_an_entry_the_caller_waits_for_the_reply_to_it() -> None:
    actions = [CallerAction(after_ms=400, pcm=HALF_SECOND), CallerAction(after_ms=400, keys="1")]
    first, second = moments(actions, [(0, 200), (2_000, 3_000)])
    assert first + 500 < 2_000
    assert second >= 3_000 + 400 - FRAME_MS


@pytest.mark.parametrize(("asked", "begins"), [("Is that right?", True), ("Your PIN?", False)])
def test_an_answer_to_a_question_that_was_not_asked_is_left_out(asked: str, begins: bool) -> None:
    pattern = re.compile("is that right", re.IGNORECASE)
    actions = [CallerAction(keys="1", if_heard=pattern), CallerAction(keys="5", hangup=True)]
    caller = SimulatedCaller(actions, RATE, heard=lambda: asked)
    pressed = ""
    for now_ms in range(0, 2_000, FRAME_MS):
        _, keys = caller.tick(now_ms, FRAME_MS, now_ms < 100)
        pressed += "".join(key.key for key in keys)
    assert pressed == ("1" if begins else "5")
    assert (caller.began_ms[0] is not None) is begins


def test_keys_are_pressed_with_their_gap_and_reported_as_events() -> None:
    caller = SimulatedCaller([CallerAction(after_ms=0, keys="12", gap_ms=310)], RATE)
    pressed: list[tuple[str, int]] = []
    for now_ms in range(0, 2_000, FRAME_MS):
        _, keys = caller.tick(now_ms, FRAME_MS, now_ms < 100)
        pressed += [(key.key, key.at_ms) for key in keys]
    (first, first_ms), (second, second_ms) = pressed
    assert (first, second) == ("1", "2")
    assert second_ms - first_ms == 400


def test_a_caller_who_hangs_up_is_gone() -> None:
    caller = SimulatedCaller([CallerAction(after_ms=0, keys="1", hangup=True)], RATE)
    for now_ms in range(0, 1_000, FRAME_MS):
        caller.tick(now_ms, FRAME_MS, now_ms < 100)
    assert caller.left
