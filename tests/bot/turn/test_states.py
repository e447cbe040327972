"""The table of a turn's states: each is reached, and they couple as it says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.hearing.confidence import Confidence, Logistic
from bot.turn.actions import Action, Actions, Recognize
from bot.turn.bargein import Stage
from bot.turn.states import Keys, Speech, TurnStates
from tests.support.scripted_turn import SPEECH_DB, Caller, active

pytestmark = pytest.mark.unit

HARDLY_SURE = Logistic(1.9, {})
"""87 %: an entry waits a little longer."""

STEPS = ("say", "click", "noise", "hush", "pause", "key", "terminator", "prompt ends")
MOVES = {
    (Stage.PLAYING, Stage.PAUSED),
    (Stage.PAUSED, Stage.PLAYING),
    (Stage.PLAYING, Stage.STOPPED),
    (Stage.PAUSED, Stage.STOPPED),
}


class Watched(Caller):
    """Writes down the states of each moment, before and after what the machine asks for."""

    def __init__(self, *, playing: bool) -> None:
        numbers = active("license_number.grxml?length=6", "universals.grxml")
        self.asked: list[TurnStates] = []
        self.rested: list[TurnStates] = []
        super().__init__(numbers, playing=playing, confidence=Confidence(HARDLY_SURE, HARDLY_SURE))
        self.rested.append(self.machine.states)

    def _do(self, actions: Actions) -> None:
        if any(isinstance(action, Recognize) for action in actions):
            self.asked.append(self.machine.states)
        super()._do(actions)
        self.rested.append(self.machine.states)

    def takes(self, step: str) -> None:
        match step:
            case "say":
                self.says("four two one")
            case "click":
                self.clicks_like("four")
            case "noise":
                self.hears_noise(700, level_db=SPEECH_DB)
            case "hush":
                self.is_silent(80)
            case "pause":
                self.is_silent(1_000)
            case "key":
                self.presses("4", every_ms=60)
            case "terminator":
                self.presses("#", every_ms=60)
            case _:
                self.prompt_ends()


@settings(max_examples=150, deadline=None)
@given(st.booleans(), st.lists(st.sampled_from(STEPS), max_size=8))
def test_states_couple_as_in_the_table(playing: bool, steps: list[str]) -> None:
    caller = Watched(playing=playing)
    for step in steps:
        if not caller.over:
            caller.takes(step)
    for states in caller.rested:
        assert states.prompt is not Stage.PAUSED or states.speech is Speech.OPEN or caller.over
        assert states.speech is not Speech.DUE or states.prompt is Stage.STOPPED
        assert states.keys is not Keys.RUNNING or states.speech is Speech.NONE or caller.over
        assert states.keys is not Keys.HELD
    prompts = [states.prompt for states in caller.rested]
    assert {move for move in pairwise(prompts) if move[0] is not move[1]} <= MOVES


@pytest.mark.parametrize(
    ("steps", "reached"),
    [
        (["hush"], TurnStates(Stage.PLAYING, Speech.NONE, Keys.NONE)),
        (["pause", "noise"], TurnStates(Stage.PAUSED, Speech.OPEN, Keys.NONE)),
        (["pause", "say"], TurnStates(Stage.STOPPED, Speech.OPEN, Keys.NONE)),
        (["key"], TurnStates(Stage.STOPPED, Speech.NONE, Keys.RUNNING)),
        (["prompt ends"], TurnStates(Stage.STOPPED, Speech.NONE, Keys.NONE)),
        (["prompt ends", "say", "say", "hush"], TurnStates(Stage.STOPPED, Speech.DUE, Keys.NONE)),
    ],
)
def test_each_state_is_reached(steps: list[str], reached: TurnStates) -> None:
    caller = Watched(playing=True)
    for step in steps:
        caller.takes(step)
    assert reached in caller.rested


def test_a_key_is_held_until_earlier_speech_is_recognized() -> None:
    caller = Watched(playing=False)
    caller.takes("say")
    caller.takes("key")
    assert TurnStates(Stage.STOPPED, Speech.OPEN, Keys.HELD) in caller.asked
    assert caller.rested[-1] == TurnStates(Stage.STOPPED, Speech.NONE, Keys.RUNNING)


def test_a_prompt_that_noise_paused_resumes_without_speech() -> None:
    caller = Watched(playing=True)
    for step in ("pause", "noise", "pause"):
        caller.takes(step)
    assert caller.rested[-1] == TurnStates(Stage.PLAYING, Speech.NONE, Keys.NONE)
    assert [action for _, action in caller.did] == [Action.PAUSE_PROMPT, Action.RESUME_PROMPT]
