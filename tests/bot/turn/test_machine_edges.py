"""The edges of one collect: each limit on both sides, and what others ask the machine."""

from __future__ import annotations

import pytest

from bot.hearing.confidence import UNFITTED, Confidence, Evidence, Logistic, Sound
from bot.hearing.observation import Observation
from bot.turn.actions import Action
from bot.turn.key_timer import FullEntry
from bot.turn.states import Keys
from bot.types import Hypothesis, Match, NoInput, NoMatch, Properties
from tests.support.scripted_turn import Caller, active

pytestmark = pytest.mark.unit

NUMBER = ("digits.grxml?length=6", "universals.grxml")
PIN = ("digits.grxml?length=4", "universals.grxml")
MENU = ("menu.grxml", "universals.grxml")
YESNO = ("yesno.grxml", "universals.grxml")
SPOKEN = "four two one nine oh three"


def number(**more: object) -> Caller:
    return Caller(active(*NUMBER), **more)  # type: ignore[arg-type]


def hardly(intercept: float) -> Confidence:
    return Confidence(Logistic(intercept, {}), Logistic(intercept, {}))


# -- sound over a prompt -------------------------------------------------------------------------


@pytest.mark.parametrize(("probability", "pauses"), [(0.49, False), (0.5, True), (0.51, True)])
def test_over_a_prompt_sound_counts_from_the_probability_of_speech(
    probability: float, pauses: bool
) -> None:
    caller = number(playing=True).hears_noise(400, level_db=-25, probability=probability)
    assert caller.did == ([(20, Action.PAUSE_PROMPT)] if pauses else [])


@pytest.mark.parametrize(
    ("caller_db", "level_db", "noise_db", "may_be"),
    [
        (None, -40.0, -53.0, True),
        (None, -40.1, -60.0, False),
        (None, -30.0, -43.0, True),
        (None, -30.0, -42.9, False),
        (-20.0, -26.0, -60.0, True),
        (-20.0, -26.1, -60.0, False),
        (-20.0, -26.0, -36.0, True),
        (-20.0, -26.0, -35.9, False),
    ],
)
def test_over_a_prompt_only_sound_near_the_callers_may_be_speech(
    caller_db: float | None, level_db: float, noise_db: float, may_be: bool
) -> None:
    playing = number(playing=True, caller_db=caller_db)
    assert playing.machine.attention.may_be_speech(level_db, noise_db) is may_be
    assert number(caller_db=caller_db).machine.attention.may_be_speech(level_db, noise_db)
    paused = playing.hears_noise(100, level_db=-20)
    assert paused.machine.attention.may_be_speech(level_db, noise_db)


def test_the_least_level_over_a_prompt_is_a_setting() -> None:
    caller = number(playing=True, properties=Properties(bargein_level_db=-33))
    assert caller.machine.attention.may_be_speech(-33.0, -60.0)
    assert not caller.machine.attention.may_be_speech(-33.1, -60.0)


@pytest.mark.parametrize("asked_ms", [0, 20_000])
def test_silence_counts_from_the_word_that_stopped_the_prompt(asked_ms: int) -> None:
    caller = number(playing=True).is_silent(asked_ms).clicks_like("one").is_silent(500)
    assert [action for _, action in caller.did] == [Action.PAUSE_PROMPT, Action.STOP_PROMPT]
    stopped_ms = caller.did[-1][0]
    assert stopped_ms == asked_ms + 220
    caller.until_over(at_most_ms=11_000)
    assert (caller.machine.result, caller.now_ms) == (NoInput(), stopped_ms + 10_000)
    assert caller.machine.log.bargein
    assert caller.machine.log.prompt_end_ms == stopped_ms


# -- what is a word, and what is noise -----------------------------------------------------------


@pytest.mark.parametrize(("ms", "is_word"), [(80, False), (100, True), (120, True)])
def test_words_are_heard_in_sound_that_is_long_enough(ms: int, is_word: bool) -> None:
    caller = Caller(active(*YESNO))
    caller.also_heard = [Hypothesis(("yes",))]
    caller.hears_noise(ms, level_db=-20).is_silent(4_000)
    assert caller.over is is_word


@pytest.mark.parametrize(("ms", "is_answer"), [(280, False), (300, True), (320, True)])
def test_sound_without_a_word_is_an_answer_where_it_is_long_enough(
    ms: int, is_answer: bool
) -> None:
    caller = Caller(active(*YESNO)).hears_noise(ms, level_db=-20).is_silent(4_000)
    assert isinstance(caller.machine.result, NoMatch) is is_answer


# -- how clear, how loud, how near ---------------------------------------------------------------


def test_confidence_uses_the_duration_and_clarity_so_far() -> None:
    class Noting(Confidence):
        def probability(self, evidence: Evidence) -> float:
            sounds.append(evidence.sound)
            return super().probability(evidence)

    sounds: list[Sound] = []
    caller = Caller(active(*NUMBER), confidence=Noting(UNFITTED.number, UNFITTED.command))
    caller.says("four two one").is_silent(800).says("nine oh three").until_over()
    assert isinstance(caller.machine.result, Match)
    assert set(sounds) == {Sound(speech_ms=2_000, snr_db=45.0)}


def test_the_callers_level_is_the_loudest_of_the_last_spoken_part() -> None:
    caller = number().says("four two one", level_db=-30).presses("9")
    assert caller.machine.peak_db == -30.0
    caller.says("oh three", level_db=-24).until_over()
    assert caller.machine.peak_db == -24.0
    assert number().presses("421903").machine.peak_db is None


def test_an_answer_is_near_once_its_words_are_complete_and_no_prompt_plays() -> None:
    caller = number()
    assert not caller.machine.attention.answer_near
    caller.says("four two one nine oh", hang=False)
    assert not caller.machine.attention.answer_near
    caller.says("three", hang=False)
    assert caller.machine.attention.answer_near
    playing = number(playing=True).says("representative", hang=False)
    assert playing.did == [(20, Action.PAUSE_PROMPT)]
    assert not playing.machine.attention.answer_near


def test_an_answer_that_was_doubted_is_not_near_until_other_words_come() -> None:
    caller = number(confidence=hardly(-4.0)).says("representative").is_silent(400)
    assert not caller.over
    assert not caller.machine.attention.answer_near
    caller.says("goodbye", hang=False)
    assert not caller.machine.attention.answer_near, "both words together mean nothing"


# -- keys ----------------------------------------------------------------------------------------


def test_a_number_that_its_last_key_completes_says_so() -> None:
    caller = number().is_silent(1_000).presses("421903", every_ms=400)
    assert caller.machine.full == FullEntry(3_000, 600, secret=False)
    secret = Caller(active(*PIN), secret=True).presses("5827", every_ms=100)
    assert secret.machine.full == FullEntry(300, 300, secret=True)


@pytest.mark.parametrize(
    "entered",
    [
        lambda: number().presses("42190#"),
        lambda: number().presses("4219").until_over(),
        lambda: number().says(SPOKEN).until_over(),
        lambda: number().presses("0").until_over(),
        lambda: Caller(active(*YESNO)).presses("1").until_over(),
        lambda: Caller(active(*MENU)).presses("1").until_over(),
    ],
)
def test_no_other_entry_says_so(entered: object) -> None:
    caller = entered()  # type: ignore[operator]
    assert caller.over
    assert caller.machine.full is None


def test_speech_after_keys_has_its_own_time() -> None:
    """The key timer, 5 s, does not end what is being spoken."""
    caller = number().presses("42", every_ms=0).is_silent(4_900)
    states = [caller.machine.states.keys]
    states.append(caller.hears_noise(600, level_db=-20).machine.states.keys)
    assert states == [Keys.RUNNING, Keys.NONE]
    assert not caller.over
    caller.says("one nine oh three").until_over()
    assert caller.value == "421903"


def test_a_key_during_speech_ends_it_and_follows_it() -> None:
    caller = number().says("four two one nine oh", hang=False).presses("3", every_ms=0)
    assert caller.machine.entry.empty is False
    assert caller.until_over().value == "421903"
    assert caller.machine.log.key_ms == 1_500


# -- the log -------------------------------------------------------------------------------------


def test_the_log_has_the_beginning_of_speech_and_the_end_of_its_last_word() -> None:
    caller = number().is_silent(500).says(SPOKEN).until_over()
    timing = caller.machine.log.timing
    assert (timing.start_ms, timing.speech_start_ms, timing.speech_end_ms) == (0, 500, 2_400)
    assert timing.end_ms == caller.now_ms
    assert timing.reply_after_ms == caller.now_ms - 2_400
    assert timing.prompt_end_ms is None
    assert not caller.machine.log.bargein


def test_a_key_ends_the_prompt_in_the_log() -> None:
    caller = number(playing=True).is_silent(640).presses("4")
    assert caller.machine.log.prompt_end_ms == 640
    assert caller.machine.log.bargein
    heard_out = number(playing=True).is_silent(640).prompt_ends().presses("4")
    assert heard_out.machine.log.prompt_end_ms == 640
    assert not heard_out.machine.log.bargein


def test_a_turn_that_is_opened_again_hears_what_comes_next() -> None:
    caller = number().presses("421903", every_ms=100)
    assert caller.over
    caller.machine.reopen()
    assert not caller.over
    assert not caller.machine.attention.deaf


def test_audio_is_not_logged_while_the_turn_is_deaf() -> None:
    caller = number(playing=True, properties=Properties(bargein=False))
    piece = Observation(20, 20, 1.0, -20.0, -65.0, ("four",))
    assert caller.machine.on_audio(piece) == ()
    assert caller.machine.log.partials == []
    assert not caller.machine.attention.listening


def test_text_without_a_known_word_is_no_entry() -> None:
    caller = number()
    assert caller.machine.on_text("[unk]", 0) == ()
    assert caller.machine.result is None
    caller.machine.on_text("421903", 0)
    assert isinstance(caller.machine.result, Match)
