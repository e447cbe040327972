"""One collect, event by event: speech, keys, prompts, silence and hangups."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hearing.confidence import UNFITTED, Confidence, Evidence, Logistic, Sound
from bot.hearing.result import MorePasses
from bot.turn.endpoint_delay import silence_after
from bot.turn.key_timer import FullEntry
from bot.types import HungUp, Hypothesis, Match, NoInput, NoMatch, Properties
from tests.support.scripted_turn import (
    MENU,
    NUMBER,
    PIN,
    SPOKEN,
    VALUE,
    YESNO,
    Caller,
    active,
    number,
)

pytestmark = pytest.mark.unit

BELIEVED, LIKELY, SURE, MOST_DOUBT_MS = 0.1, 0.97, 0.93, 80


def always(probability: float) -> Confidence:
    """As sure of everything."""
    same = Logistic(math.log(probability / (1 - probability)) + 1e-9, {})
    return Confidence(same, same)


# -- speech -----------------------------------------------------------------------------------


def test_a_complete_number_is_answered_soon_after_its_last_word() -> None:
    caller = number().says(SPOKEN).until_over()
    assert caller.value == VALUE
    assert caller.machine.log.timing.reply_after_ms is not None
    assert caller.machine.log.timing.reply_after_ms <= 240


def test_a_pause_of_two_seconds_between_groups_does_not_cut_the_entry() -> None:
    caller = number().says("four two").is_silent(2_000).says("one nine oh three").until_over()
    assert caller.value == VALUE


def test_a_number_that_stays_incomplete_is_a_nomatch_that_keeps_its_digits() -> None:
    caller = number().says("four two one nine").until_over()
    assert caller.partial == ["4219"]
    assert caller.machine.log.end_ms - 1_300 >= 2_500


def test_a_single_command_is_answered_as_soon_as_a_number() -> None:
    caller = number().says("representative").until_over()
    assert caller.value == "representative"
    assert caller.machine.log.timing.reply_after_ms is not None
    assert caller.machine.log.timing.reply_after_ms <= 240


def test_an_unlikely_command_does_not_cut_a_number() -> None:
    """The first digits of a number, misheard: the rest of it is waited for."""
    caller = number(confidence=always(BELIEVED / 2)).says("representative").is_silent(2_000)
    assert not caller.over
    caller.until_over()
    assert caller.value == "representative"


@pytest.mark.parametrize(("sure", "later_ms"), [(SURE, 0), (0.5, 80), (BELIEVED, 80)])
def test_an_entry_of_lower_confidence_is_waited_for_longer(sure: float, later_ms: int) -> None:
    surest = number(confidence=always(0.99)).says(SPOKEN).until_over()
    caller = number(confidence=always(sure)).says(SPOKEN).until_over()
    assert caller.now_ms - surest.now_ms == later_ms
    assert caller.value == VALUE


def test_a_caller_who_continues_during_the_wait_for_an_uncertain_entry_is_heard() -> None:
    caller = number(confidence=always(0.3)).says("representative").is_silent(140)
    assert not caller.over
    assert not caller.machine.attention.listening
    caller.says("four two one")
    assert caller.machine.attention.listening
    caller.is_silent(1_000)
    assert not caller.over


def test_a_key_ends_the_wait_for_an_uncertain_entry() -> None:
    caller = number(confidence=always(0.3)).says("four two one nine oh three").is_silent(120)
    assert not caller.over
    assert caller.presses("#").value == VALUE


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.booleans())
def test_a_more_confident_entry_never_waits_longer(one: float, other: float, first: bool) -> None:
    less, more = (silence_after(sure, 80, first=first) for sure in sorted((one, other)))
    assert more is not None or less is None
    assert less is None or more is None or 80 <= more <= less <= 80 + MOST_DOUBT_MS


def test_a_confident_number_after_words_outside_the_grammar_is_the_answer() -> None:
    caller = number(confidence=always(LIKELY))
    caller.also_heard = [Hypothesis(tuple(SPOKEN.split()), -0.1)]
    caller.says("four two one nine oh hundred").until_over()
    assert caller.value == VALUE
    assert caller.machine.log.timing.reply_after_ms is not None
    assert caller.machine.log.timing.reply_after_ms <= 240


def test_an_uncertain_number_after_words_outside_the_grammar_waits() -> None:
    caller = number(confidence=always(LIKELY - 0.1))
    caller.also_heard = [Hypothesis(tuple(SPOKEN.split()), -0.1)]
    caller.says("four two one nine oh hundred").is_silent(1_000)
    assert not caller.over
    assert caller.until_over().value == VALUE


def test_a_spoken_option_of_the_menu_is_fast_although_it_is_a_digit() -> None:
    caller = Caller(active(*MENU)).says("one").until_over()
    assert isinstance(caller.machine.result, Match)
    assert caller.now_ms < 300 + 100 + 300


def test_one_digit_of_a_number_waits_like_an_incomplete_entry() -> None:
    caller = number().says("one").is_silent(2_000)
    assert not caller.over
    assert caller.until_over().partial == ["1"]


def test_alternatives_without_a_meaning_give_way_to_those_with_one() -> None:
    caller = number()
    caller.also_heard = [Hypothesis(tuple(SPOKEN.split()), -1.0)]
    caller.says("four two one nine oh").until_over()
    assert caller.value == VALUE
    assert isinstance(caller.machine.result, Match)
    assert caller.machine.result.best.confidence < 0.92


def test_words_outside_the_grammar_are_a_nomatch_within_two_and_a_half_seconds() -> None:
    caller = Caller(active(*YESNO)).says("triple").until_over()
    assert isinstance(caller.machine.result, NoMatch)
    assert caller.now_ms <= 400 + 2_500


def test_unknown_words_before_the_number_do_not_count() -> None:
    caller = number().says(f"[unk] [unk] {SPOKEN}").until_over()
    assert caller.value == VALUE


def test_speech_without_any_word_is_a_nomatch() -> None:
    caller = number().hears_noise(1_500, level_db=-20).until_over()
    assert isinstance(caller.machine.result, NoMatch)
    assert caller.machine.result.partial == ()


def test_after_a_cough_the_caller_can_still_speak() -> None:
    caller = number().hears_noise(160, level_db=-20).is_silent(3_000)
    assert not caller.over
    assert caller.says(SPOKEN).until_over().value == VALUE


def test_words_recognized_in_a_click_are_ignored() -> None:
    caller = Caller(active(*YESNO))
    caller.also_heard = [Hypothesis(("yes",))]
    caller.hears_noise(60, level_db=-20).is_silent(4_000)
    assert not caller.over


def test_a_misrecognized_click_does_not_end_the_speech_after_it() -> None:
    caller = Caller(active(*MENU)).clicks_like("one").is_silent(600)
    caller.hears_noise(320, level_db=-20).is_silent(200)
    assert not caller.over, "uh: the caller may go on"
    assert caller.says("goodbye").until_over().value == "goodbye"


def test_speech_interrupted_by_a_text_telephone_is_left_out_of_the_entry() -> None:
    caller = Caller(active(*MENU)).says("one three two four", hang=False)
    assert not caller.machine.entry.left_out
    caller.machine.on_tty(caller.now_ms)
    assert caller.value == "tty"
    assert caller.machine.entry.left_out


def test_a_caller_who_never_stops_talking_is_cut_off_at_the_maximum() -> None:
    caller = number(properties=Properties(max_speech_timeout_ms=5_000))
    caller.hears_noise(6_000, level_db=-20)
    assert isinstance(caller.machine.result, NoMatch)
    assert caller.now_ms == 5_000


# -- silence ----------------------------------------------------------------------------------


def test_silence_after_the_prompt_is_a_noinput() -> None:
    caller = number(playing=True).is_silent(30_000)
    assert not caller.over, "the prompt still plays"
    caller.prompt_ends().until_over()
    assert caller.machine.result == NoInput()
    assert caller.now_ms == 30_000 + 10_000


def test_noise_that_the_detector_does_not_take_for_speech_is_a_noinput() -> None:
    caller = number().hears_noise(12_000, level_db=-25, probability=0.05)
    assert caller.machine.result == NoInput()


def test_a_word_that_the_detector_hardly_accepts_does_not_pause_the_prompt() -> None:
    caller = number(playing=True).hears_noise(400, level_db=-25, probability=0.4)
    assert not caller.did


# -- text, hangup, secrets --------------------------------------------------------------------


def test_text_counts_as_an_utterance_or_as_keys() -> None:
    caller = number()
    caller.machine.on_text("Four two one nine oh three", 100)
    assert caller.value == VALUE
    caller = number()
    caller.machine.on_text("421903", 100)
    assert caller.value == VALUE
    caller = Caller(active(*YESNO))
    caller.machine.on_text("perhaps", 100)
    assert isinstance(caller.machine.result, NoMatch)
    caller = number()
    caller.machine.on_text("", 100)
    assert caller.machine.result == NoInput()


def test_a_hangup_ends_the_turn_at_any_moment() -> None:
    for before in ("", SPOKEN[:8]):
        caller = number(playing=True).says(before)
        caller.machine.on_hangup(caller.now_ms)
        assert caller.machine.result == HungUp()


def test_a_text_telephone_is_a_certain_command_that_stops_the_prompt() -> None:
    caller = number(playing=True).says("four two")
    caller.machine.on_tty(caller.now_ms)
    assert isinstance(caller.machine.result, Match)
    best = caller.machine.result.best
    assert (best.value, best.grammar, best.mode) == ("tty", "universals", "voice")
    assert best.confidence == 1.0
    assert caller.machine.log.timeline[-1] == (caller.now_ms, "text telephone heard")


def test_a_secret_entry_leaves_neither_words_nor_keys_in_its_log() -> None:
    caller = Caller(active(*PIN), secret=True)
    caller.says("four two").presses("19").until_over()
    assert caller.value == "4219"
    assert caller.machine.log.partials == []
    told = " ".join(text for _, text in caller.machine.log.timeline)
    assert not any(word in told.split() for word in ("four", "two", "4", "2", "1", "9"))
    assert "4219" not in repr(caller.machine.result)


def test_the_log_tells_what_happened_when() -> None:
    caller = number(playing=True).is_silent(600).prompt_ends().is_silent(400).says(SPOKEN)
    log = caller.until_over().machine.log
    assert log.prompt_end_ms == 600
    assert log.speech_start_ms == 1_000
    assert log.partials[-1][1] == SPOKEN
    assert any("complete" in text for _, text in log.timeline)


BEGINS = (0, "speech starts at -20 dBFS, noise -65 dBFS")
PAUSED = (20, "prompt paused: sound that may be the caller")
TIMELINES: list[tuple[Callable[[], Caller], list[tuple[int, str]]]] = [
    (
        lambda: number(playing=True).presses("#"),
        [(0, "terminator without an entry: left over, ignored")],
    ),
    (
        lambda: number(playing=True).hears_noise(300, level_db=-20).is_silent(1_000),
        [BEGINS, PAUSED, (900, "prompt resumed: no word")],
    ),
    (
        lambda: number(playing=True).says(SPOKEN).until_over(),
        [
            BEGINS,
            PAUSED,
            (440, "prompt stopped: a word was held"),
            (1_980, "complete: silent for 80 ms"),
        ],
    ),
    (
        lambda: number().presses("42").until_over(),
        [(0, "key"), (200, "key"), (5_200, "keys: potential, waited long enough")],
    ),
    (
        lambda: number().says("four two").until_over(),
        [BEGINS, (3_200, "more could follow: silent for 2500 ms")],
    ),
    (
        lambda: number().says("blue").until_over(),
        [BEGINS, (2_900, "no sense here: silent for 2500 ms")],
    ),
    (
        lambda: number().hears_noise(160, level_db=-20).until_over(),
        [
            BEGINS,
            (2_660, "more could follow: silent for 2500 ms"),
            (2_660, "160 ms of sound without words: noise"),
            (10_000, "no input for 10000 ms"),
        ],
    ),
]


@pytest.mark.parametrize(("caller", "timeline"), TIMELINES, ids=lambda each: "")
def test_the_timeline_tells_which_timer_ran_and_why_it_ended(
    caller: Callable[[], Caller], timeline: list[tuple[int, str]]
) -> None:
    assert caller().machine.log.timeline == timeline


def test_an_entry_is_judged_by_how_long_and_how_clearly_it_was_said() -> None:
    class Noting(Confidence):
        def probability(self, evidence: Evidence) -> float:
            sounds.append(evidence.sound)
            return super().probability(evidence)

    sounds: list[Sound] = []
    for _ in range(2):
        caller = Caller(active(*NUMBER), confidence=Noting(UNFITTED.number, UNFITTED.command))
        caller.says("four two one").presses("90").says("three").until_over()
    assert sounds[-1] == Sound(speech_ms=1_400, snr_db=45.0)


def test_an_utterance_that_cannot_end_runs_no_further_pass() -> None:
    unfinished = number().says("four two").is_silent(500)
    assert unfinished.wanted == [MorePasses()]
    assert number().says(SPOKEN).until_over().wanted[0] == MorePasses(fillers=True)


@pytest.mark.parametrize("sure", [0.5, 0.97])
def test_an_entry_that_ends_by_level_waits_no_longer(sure: float) -> None:
    """The detector goes on hearing the noise behind the caller: 400 ms after the last word."""
    caller = Caller(active(*NUMBER), confidence=always(sure)).says(SPOKEN)
    caller.hears_noise(900, level_db=-35, probability=0.8).until_over()
    assert (caller.value, caller.now_ms) == (VALUE, 1_900 + 400)


@pytest.mark.parametrize(
    ("after", "silent_ms", "typed_on"),
    [
        (None, 300, False),
        (FullEntry(0, 300, secret=False), 300, True),
        (FullEntry(0, 300, secret=False), 320, False),
        (FullEntry(0, 300, secret=True), 320, False),
    ],
)
def test_a_secret_outside_the_grammar_says_whether_it_was_keyed_in_one_go_with_a_number(
    after: FullEntry | None, silent_ms: int, typed_on: bool
) -> None:
    caller = Caller(active(*PIN), secret=True, after=after).is_silent(silent_ms)
    caller.presses("582").until_over()
    assert isinstance(caller.machine.result, NoMatch)
    assert caller.machine.result.typed_on is typed_on
    assert caller.partial == ["582"]
