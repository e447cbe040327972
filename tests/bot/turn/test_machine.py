"""One collect, event by event: speech, keys, prompts, silence and hangups."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.hearing.confidence import UNFITTED, Confidence, Evidence, Logistic, Sound
from bot.hearing.result import MorePasses
from bot.turn.actions import Action
from bot.turn.endpoint_delay import silence_after
from bot.turn.key_timer import FullEntry
from bot.turn.parameters import TurnParameters, UtteranceParameters
from bot.types import HungUp, Hypothesis, Match, NoInput, NoMatch, Properties
from tests.support.scripted_turn import Caller, active

pytestmark = pytest.mark.unit

UNIVERSALS = "universals.grxml"
NUMBER = ("digits.grxml?length=6", UNIVERSALS)
PIN = ("digits.grxml?length=4", UNIVERSALS)
MENU = ("menu.grxml", UNIVERSALS)
YESNO = ("yesno.grxml", UNIVERSALS)

BELIEVED, LIKELY, SURE, MOST_DOUBT_MS = 0.1, 0.97, 0.93, 80
SPOKEN = "four two one nine oh three"
VALUE = "421903"
DIGIT_WORDS = dict(
    zip(
        "0123456789",
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
        strict=True,
    )
)


def always(probability: float) -> Confidence:
    """As sure of everything."""
    same = Logistic(math.log(probability / (1 - probability)) + 1e-9, {})
    return Confidence(same, same)


def number(**more: object) -> Caller:
    return Caller(active(*NUMBER), **more)  # type: ignore[arg-type]


# -- speech -----------------------------------------------------------------------------------


def test_a_complete_number_is_answered_soon_after_its_last_word() -> None:
    caller = number().says(SPOKEN).until_over()
    assert caller.value == VALUE
    assert caller.machine.log.timing.reply_after_ms is not None
    assert caller.machine.log.timing.reply_after_ms <= 240


def test_a_pause_of_two_seconds_between_groups_cuts_nothing() -> None:
    caller = number().says("four two").is_silent(2_000).says("one nine oh three").until_over()
    assert caller.value == VALUE


def test_a_number_that_stays_incomplete_is_a_nomatch_that_keeps_its_digits() -> None:
    caller = number().says("four two one nine").until_over()
    assert caller.partial == ["4219"]
    assert caller.machine.log.end_ms - 1_300 >= 2_500


def test_a_command_word_alone_is_answered_as_soon_as_a_number() -> None:
    caller = number().says("representative").until_over()
    assert caller.value == "representative"
    assert caller.machine.log.timing.reply_after_ms is not None
    assert caller.machine.log.timing.reply_after_ms <= 240


def test_a_command_that_can_hardly_have_been_meant_cuts_no_number() -> None:
    """The first digits of a number, misheard: the rest of it is waited for."""
    caller = number(confidence=always(BELIEVED / 2)).says("representative").is_silent(2_000)
    assert not caller.over
    caller.until_over()
    assert caller.value == "representative"


@pytest.mark.parametrize(("sure", "later_ms"), [(SURE, 0), (0.5, 80), (BELIEVED, 80)])
def test_the_less_sure_an_entry_is_the_longer_it_is_waited_for(sure: float, later_ms: int) -> None:
    surest = number(confidence=always(0.99)).says(SPOKEN).until_over()
    caller = number(confidence=always(sure)).says(SPOKEN).until_over()
    assert caller.now_ms - surest.now_ms == later_ms
    assert caller.value == VALUE


def test_who_goes_on_while_an_unsure_entry_is_waited_for_is_heard() -> None:
    caller = number(confidence=always(0.3)).says("representative").is_silent(140)
    assert not caller.over
    assert not caller.machine.listening
    caller.says("four two one")
    assert caller.machine.listening
    caller.is_silent(1_000)
    assert not caller.over


def test_a_key_ends_the_wait_for_an_unsure_entry() -> None:
    caller = number(confidence=always(0.3)).says("four two one nine oh three").is_silent(120)
    assert not caller.over
    assert caller.presses("#").value == VALUE


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.booleans())
def test_the_surer_of_two_entries_never_waits_longer(one: float, other: float, first: bool) -> None:
    less, more = (silence_after(sure, 80, first=first) for sure in sorted((one, other)))
    assert more is not None or less is None
    assert less is None or more is None or 80 <= more <= less <= 80 + MOST_DOUBT_MS


def test_a_number_behind_words_of_no_sense_is_the_answer_where_it_is_sure() -> None:
    caller = number(confidence=always(LIKELY))
    caller.also_heard = [Hypothesis(tuple(SPOKEN.split()), -0.1)]
    caller.says("four two one nine oh hundred").until_over()
    assert caller.value == VALUE
    assert caller.machine.log.timing.reply_after_ms is not None
    assert caller.machine.log.timing.reply_after_ms <= 240


def test_a_number_behind_words_of_no_sense_waits_where_it_is_not() -> None:
    caller = number(confidence=always(LIKELY - 0.1))
    caller.also_heard = [Hypothesis(tuple(SPOKEN.split()), -0.1)]
    caller.says("four two one nine oh hundred").is_silent(1_000)
    assert not caller.over
    assert caller.until_over().value == VALUE


def test_a_spoken_option_of_the_menu_is_fast_although_it_is_a_digit() -> None:
    caller = Caller(active(*MENU)).says("one").until_over()
    assert isinstance(caller.machine.result, Match)
    assert caller.now_ms < 300 + 100 + 300


def test_one_digit_of_a_number_is_waited_for_as_an_incomplete_entry() -> None:
    caller = number().says("one").is_silent(2_000)
    assert not caller.over
    assert caller.until_over().partial == ["1"]


def test_alternatives_that_mean_nothing_here_make_room_for_those_that_do() -> None:
    caller = number()
    caller.also_heard = [Hypothesis(tuple(SPOKEN.split()), -1.0)]
    caller.says("four two one nine oh").until_over()
    assert caller.value == VALUE
    assert isinstance(caller.machine.result, Match)
    assert caller.machine.result.best.confidence < 0.92


def test_words_of_no_sense_are_a_nomatch_within_two_and_a_half_seconds() -> None:
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


def test_a_cough_is_no_answer_the_caller_may_still_speak() -> None:
    caller = number().hears_noise(160, level_db=-20).is_silent(3_000)
    assert not caller.over
    assert caller.says(SPOKEN).until_over().value == VALUE


def test_words_from_a_click_are_none() -> None:
    caller = Caller(active(*YESNO))
    caller.also_heard = [Hypothesis(("yes",))]
    caller.hears_noise(60, level_db=-20).is_silent(4_000)
    assert not caller.over


def test_what_a_click_was_taken_for_does_not_end_what_is_said_after_it() -> None:
    caller = Caller(active(*MENU)).clicks_like("one").is_silent(600)
    caller.hears_noise(320, level_db=-20).is_silent(200)
    assert not caller.over, "uh: the caller may go on"
    assert caller.says("goodbye").until_over().value == "goodbye"


def test_what_a_text_telephone_breaks_off_is_left_out_of_the_entry() -> None:
    caller = Caller(active(*MENU)).says("one three two four", hang=False)
    assert not caller.machine.entry.left_out
    caller.machine.on_tty(caller.now_ms)
    assert caller.value == "tty"
    assert caller.machine.entry.left_out


def test_whoever_never_stops_talking_is_cut_at_the_maximum() -> None:
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


def test_a_word_that_the_detector_hardly_takes_for_speech_does_not_pause_the_prompt() -> None:
    caller = number(playing=True).hears_noise(400, level_db=-25, probability=0.4)
    assert not caller.did


# -- keys -------------------------------------------------------------------------------------


def test_a_keyed_number_is_answered_with_its_last_key() -> None:
    caller = number().presses("42190")
    assert not caller.over
    caller.presses("3", every_ms=0)
    assert caller.over
    assert caller.value == VALUE
    assert caller.machine.log.timing.reply_after_ms == 0


def test_keys_with_long_pauses_between_them_are_waited_for() -> None:
    assert number().presses(VALUE, every_ms=4_500).value == VALUE


def test_too_few_keys_are_a_nomatch_that_keeps_them() -> None:
    caller = number().presses("421").until_over()
    assert caller.partial == ["421"]
    assert isinstance(caller.machine.result, NoMatch)
    assert caller.machine.result.mode == "dtmf"


def test_the_terminator_ends_an_entry_that_is_too_short_at_once() -> None:
    caller = number().presses("421#", every_ms=100)
    assert caller.partial == ["421"]


def test_a_terminator_left_over_from_the_entry_before_stops_no_prompt() -> None:
    caller = number(playing=True).presses("#")
    assert not caller.over
    assert caller.did == []


def test_a_terminator_that_a_grammar_means_something_by_is_that_once_a_prompt_was_heard() -> None:
    login = ("license_number.grxml?length=6", UNIVERSALS, "universals_login.grxml")
    at_once = Caller(active(*login)).presses("#")
    assert not at_once.over
    assert at_once.is_silent(2_000).presses("#").until_over().value == "information"
    assert Caller(active(*login)).presses("421#", every_ms=100).partial == ["421"]


def test_zero_alone_reaches_a_person_once_no_other_key_follows() -> None:
    assert number().presses("0").until_over().value == "representative"


def test_a_star_after_some_keys_is_the_command() -> None:
    caller = number().presses("42*", every_ms=100)
    assert isinstance(caller.machine.result, Match)
    assert caller.machine.result.best.grammar == "universals"


def test_keys_that_mean_nothing_are_one_nomatch_together() -> None:
    caller = Caller(active(*YESNO)).presses("7127", every_ms=200)
    assert not caller.over
    assert isinstance(caller.until_over().machine.result, NoMatch)


def test_keys_typed_ahead_have_the_whole_interdigit_timeout_from_the_start() -> None:
    caller = number()
    caller.is_silent(1_000)
    caller.machine.on_key("4", -20_000)
    caller.is_silent(4_900)
    assert not caller.over


# -- both -------------------------------------------------------------------------------------


def test_words_then_keys_are_one_entry() -> None:
    caller = number().says("four two one").is_silent(800).presses("903").until_over()
    assert caller.value == VALUE
    assert isinstance(caller.machine.result, Match)
    assert caller.machine.result.best.mode == "mixed"


def test_keys_then_words_are_one_entry() -> None:
    caller = number().presses("421").says("nine oh three").until_over()
    assert caller.value == VALUE


def test_a_key_in_the_middle_of_a_word_keeps_the_words_before() -> None:
    caller = number().says("four two one", hang=False).presses("903").until_over()
    assert caller.value == VALUE


def test_a_phantom_word_before_the_keys_does_not_cut_a_keyed_number() -> None:
    caller = number().says("two").is_silent(500).presses(VALUE, every_ms=600).until_over()
    assert caller.value == VALUE


def test_where_noise_may_have_been_a_word_another_key_is_waited_for() -> None:
    caller = number().says("four two one").presses("90", every_ms=300).presses("3", every_ms=0)
    assert not caller.over
    pressed_ms = caller.now_ms
    assert caller.until_over().now_ms - pressed_ms == 1_500


def test_a_line_may_have_longer_clicks() -> None:
    noisy = TurnParameters(utterance=UtteranceParameters(least_word_ms=400, least_speech_ms=600))
    caller = Caller(active(*YESNO), parameters=noisy)
    caller.also_heard = [Hypothesis(("yes",))]
    caller.hears_noise(300, level_db=-20).is_silent(4_000)
    assert not caller.over


def test_noise_between_keys_starts_their_timer_anew() -> None:
    caller = number().presses("421").hears_noise(160, level_db=-20).is_silent(4_000)
    assert not caller.over
    assert caller.presses("903").value == VALUE


@pytest.mark.parametrize("coughs", [1, 2, 5])
def test_keys_and_noise_and_then_nothing_end_after_the_interdigit_timeout(coughs: int) -> None:
    """It counts from when the noise is known to be none of the entry: 2.5 s after it."""
    caller = number().presses("421")
    for _ in range(coughs):
        caller.is_silent(3_000).hears_noise(160, level_db=-20)
    coughed_ms = caller.now_ms
    assert caller.until_over(at_most_ms=8_000).partial == ["421"]
    assert caller.now_ms - coughed_ms == 2_500 + 5_000


def test_noise_and_then_nothing_is_silence_from_the_prompts_end() -> None:
    caller = number(playing=True).prompt_ends()
    caller.hears_noise(160, level_db=-20).until_over(at_most_ms=11_000)
    assert caller.machine.result == NoInput()
    assert caller.now_ms == 10_000


def test_a_command_spoken_after_keys_is_the_command() -> None:
    caller = number().presses("42").says("representative").until_over()
    assert caller.value == "representative"


@settings(max_examples=60, deadline=None)
@given(st.text("0123456789", min_size=6, max_size=6), st.data())
def test_any_interleaving_of_spoken_and_keyed_digits_gives_the_string(
    digits: str, data: st.DataObject
) -> None:
    cuts = data.draw(st.sets(st.integers(1, 5)))
    spoken_first = data.draw(st.booleans())
    edges = [0, *sorted(cuts), len(digits)]
    assume(all(digits[cut - 1] != digits[cut] for cut in cuts))  # a digit said and keyed is one
    caller = number()
    for index, (start, end) in enumerate(pairwise(edges)):
        part = digits[start:end]
        if (index % 2 == 0) == spoken_first:
            caller.says(" ".join(DIGIT_WORDS[digit] for digit in part))
            caller.is_silent(data.draw(st.sampled_from([0, 200, 1_000])))
        else:
            caller.presses(part, every_ms=data.draw(st.sampled_from([60, 400, 1_200])))
    assert caller.until_over().value == digits


# -- prompts ----------------------------------------------------------------------------------


def test_speech_pauses_the_prompt_and_a_word_stops_it() -> None:
    caller = number(playing=True).is_silent(1_000).says(SPOKEN).until_over()
    assert [action for _, action in caller.did] == [Action.PAUSE_PROMPT, Action.STOP_PROMPT]
    assert caller.value == VALUE
    assert caller.machine.log.bargein


def test_sound_without_a_word_pauses_the_prompt_for_a_moment() -> None:
    caller = number(playing=True).is_silent(1_000).hears_noise(300, level_db=-20).is_silent(2_000)
    assert [action for _, action in caller.did] == [Action.PAUSE_PROMPT, Action.RESUME_PROMPT]
    assert not caller.over
    caller.says("one").until_over()
    assert [action for _, action in caller.did][-2:] == [Action.PAUSE_PROMPT, Action.STOP_PROMPT]


def test_a_voice_in_the_background_pauses_nothing() -> None:
    caller = number(playing=True, caller_db=-20.0).is_silent(1_000)
    assert caller.says("four two one", level_db=-30).is_silent(1_000).did == []


def test_ten_minutes_of_babble_stop_no_prompt() -> None:
    caller = number(playing=True, caller_db=-20.0)
    caller.hears_noise(600_000, level_db=-30)
    assert Action.STOP_PROMPT not in [action for _, action in caller.did]
    assert not caller.over


def test_keys_stop_the_prompt_at_once() -> None:
    caller = number(playing=True).is_silent(500).presses("4", every_ms=0)
    assert caller.did == [(500, Action.STOP_PROMPT)]


def test_without_bargein_only_keys_stop_the_prompt() -> None:
    caller = number(playing=True, properties=Properties(bargein=False))
    assert caller.says(SPOKEN).is_silent(1_000).did == []
    assert not caller.over
    caller.presses("4", every_ms=0)
    assert [action for _, action in caller.did] == [Action.STOP_PROMPT]


def test_without_bargein_the_caller_is_heard_once_the_prompt_has_ended() -> None:
    caller = number(playing=True, properties=Properties(bargein=False))
    caller.hears_noise(700, level_db=-20).is_silent(1_000)
    assert caller.machine.deaf
    caller.prompt_ends()
    assert not caller.machine.deaf
    assert caller.is_silent(500).says(SPOKEN).until_over(at_most_ms=2_000).value == VALUE


def test_without_bargein_the_caller_is_heard_behind_a_key_that_stopped_the_prompt() -> None:
    caller = number(playing=True, properties=Properties(bargein=False))
    caller.is_silent(1_000).presses("4")
    assert not caller.machine.deaf
    caller.says("two one nine oh three").until_over(at_most_ms=2_000)
    assert caller.value == VALUE


def test_without_bargein_nothing_is_silence_from_the_prompts_end() -> None:
    caller = number(playing=True, properties=Properties(bargein=False)).is_silent(20_000)
    assert not caller.over
    caller.prompt_ends().until_over(at_most_ms=10_000)
    assert (caller.machine.result, caller.now_ms) == (NoInput(), 30_000)


def test_silence_after_a_bargein_counts_from_the_bargein() -> None:
    caller = number(playing=True).is_silent(20_000).presses("4")
    assert not caller.over


# -- text, hangup, secrets --------------------------------------------------------------------


def test_text_is_an_utterance_or_keys() -> None:
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


def test_a_text_telephone_is_a_command_that_is_sure_and_stops_the_prompt() -> None:
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


def test_who_cannot_end_an_utterance_is_heard_by_nobody_else() -> None:
    unfinished = number().says("four two").is_silent(500)
    assert unfinished.wanted == [MorePasses()]
    assert number().says(SPOKEN).until_over().wanted[0] == MorePasses(fillers=True)


@pytest.mark.parametrize("sure", [0.5, 0.97])
def test_an_entry_that_ends_by_its_level_has_been_waited_for_already(sure: float) -> None:
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
def test_a_secret_that_makes_no_sense_says_whether_it_was_keyed_in_one_go_with_a_number(
    after: FullEntry | None, silent_ms: int, typed_on: bool
) -> None:
    caller = Caller(active(*PIN), secret=True, after=after).is_silent(silent_ms)
    caller.presses("582").until_over()
    assert isinstance(caller.machine.result, NoMatch)
    assert caller.machine.result.typed_on is typed_on
    assert caller.partial == ["582"]
