"""When an utterance begins and ends."""

from __future__ import annotations

import pytest

from bot.grammar import Answer
from bot.hearing.observation import Observation
from bot.turn.endpointer import End, Endpointer, EndpointerParameters, silence_needed_ms
from bot.types import Properties

pytestmark = pytest.mark.unit

PROPERTIES = Properties()
FITTED = EndpointerParameters()
PIECE_MS = 20
QUIET_DB = -65.0
QUIET_LINE_DB, LOUD_DB = -55.0, 15.0
LATE_GATE_MS, UNHEARD_MS, NO_SENSE_MS = 350, 300, 2_500
SOFT, LOUD = QUIET_DB + LOUD_DB - 1, QUIET_DB + LOUD_DB + 1
"""Levels that are not and that are loud for this noise."""


class Stream:
    """Feeds an endpointer piece by piece and says when it ended and why."""

    def __init__(
        self,
        answer: Answer,
        properties: Properties = PROPERTIES,
        parameters: EndpointerParameters = FITTED,
    ) -> None:
        self.endpointer = Endpointer(properties, parameters)
        self.answer = answer
        self.now_ms = 0
        self.ended: tuple[int, End] | None = None
        self.paused: list[int] = []

    def hear(
        self,
        ms: int,
        probability: float,
        words: str = "",
        level_db: float = -20.0,
        noise_db: float = QUIET_DB,
    ) -> Stream:
        for _ in range(0, ms, PIECE_MS):
            self.now_ms += PIECE_MS
            partial = tuple(words.split())
            seen = Observation(self.now_ms, PIECE_MS, probability, level_db, noise_db, partial)
            end = self.endpointer.observe(seen, self.answer)
            if end and not self.ended:
                self.ended = (self.now_ms, end)
            if self.endpointer.pauses(self.answer):
                self.paused.append(self.now_ms)
        return self


def test_a_line_can_have_other_parameters() -> None:
    strict = EndpointerParameters(on=0.9, loud_on=0.9, stable_ms=300, late_gate_ms=100)
    stream = Stream(Answer.MAX, parameters=strict).hear(400, 0.8, "yes")
    assert not stream.endpointer.started
    stream.hear(100, 1.0, "yes").hear(100, 1.0, "no").hear(120, 0.0, "no", -65)
    assert not stream.endpointer.listening
    assert stream.hear(400, 0.0, "no", -65).ended == (820, End.COMPLETE)


def test_a_complete_entry_ends_80_ms_after_the_last_speech() -> None:
    stream = Stream(Answer.MAX).hear(400, 1.0, "yes").hear(400, 0.0, "yes", -65)
    assert stream.ended == (480, End.COMPLETE)


def test_words_must_be_unchanged_for_100_ms_to_end_an_entry() -> None:
    stream = Stream(Answer.POTENTIAL).hear(400, 1.0).hear(200, 0.0, "", -65)
    stream.answer = Answer.MAX
    stream.hear(400, 0.0, "yes", -65)
    assert stream.ended == (720, End.COMPLETE)


@pytest.mark.parametrize("answer", [Answer.POTENTIAL, Answer.MATCH])
def test_an_incomplete_entry_waits_for_the_incomplete_timeout(answer: Answer) -> None:
    stream = Stream(answer).hear(400, 1.0, "four").hear(2_400, 0.0, "four", -65)
    assert stream.ended is None
    stream.hear(100, 0.0, "four", -65)
    assert stream.ended == (2_900, End.INCOMPLETE)


def test_words_outside_the_grammar_wait_like_an_incomplete_entry_even_for_slow_callers() -> None:
    slow = Properties(incomplete_timeout_ms=4_000)
    stream = Stream(Answer.NO, slow).hear(400, 1.0, "blue").hear(2_700, 0.0, "blue", -65)
    assert stream.ended == (400 + NO_SENSE_MS, End.NO_SENSE)


def test_endless_speech_has_a_hard_maximum() -> None:
    short = Properties(max_speech_timeout_ms=2_000)
    stream = Stream(Answer.POTENTIAL, short).hear(3_000, 1.0, "four")
    assert stream.ended == (2_000, End.TOO_LONG)


def test_words_without_speech_are_ignored() -> None:
    stream = Stream(Answer.MAX).hear(5_000, 0.2, "yes", -65)
    assert stream.ended is None
    assert not stream.endpointer.started
    assert not stream.endpointer.listening


def test_speech_continues_down_to_a_lower_probability_than_it_needs_to_start() -> None:
    assert not Stream(Answer.MAX).hear(200, 0.4, "", SOFT).endpointer.started
    begun = Stream(Answer.MAX).hear(100, 0.6, "", SOFT).hear(100, 0.4, "", SOFT)
    assert begun.endpointer.last_speech_ms == 200


def test_sound_well_above_the_noise_is_speech_where_the_detector_hardly_fires() -> None:
    assert Stream(Answer.MAX).hear(200, 0.12, "", LOUD).endpointer.speech_ms == 200
    assert not Stream(Answer.MAX).hear(200, 0.12, "", SOFT).endpointer.started
    assert not Stream(Answer.MAX).hear(200, 0.08, "", LOUD).endpointer.started


def test_in_noise_the_detector_alone_decides_what_is_speech() -> None:
    assert (
        not Stream(Answer.MAX).hear(200, 0.4, "", -20.0, noise_db=QUIET_LINE_DB).endpointer.started
    )


def test_loud_sound_that_the_detector_rejects_ends_speech() -> None:
    begun = Stream(Answer.POTENTIAL).hear(100, 0.6, "", LOUD).hear(100, 0.08, "", LOUD)
    assert begun.endpointer.last_speech_ms == 200
    assert begun.hear(100, 0.05, "", LOUD).endpointer.last_speech_ms == 200


def test_the_recognizer_gets_no_audio_long_after_the_last_speech() -> None:
    stream = Stream(Answer.POTENTIAL).hear(400, 1.0, "four")
    stream.hear(LATE_GATE_MS - PIECE_MS, 0.0, "four", -65)
    assert stream.endpointer.listening
    stream.hear(PIECE_MS, 0.0, "four", -65)
    assert not stream.endpointer.listening
    stream.hear(PIECE_MS, 0.9, "four")
    assert stream.endpointer.listening


def test_steady_noise_that_the_detector_accepts_is_silence_by_level() -> None:
    stream = Stream(Answer.MAX).hear(600, 1.0, "yes", -20).hear(600, 0.8, "yes", -35)
    assert stream.ended == (1_000, End.COMPLETE)


def test_a_level_that_drops_while_words_change_is_still_speech() -> None:
    stream = Stream(Answer.MAX).hear(600, 1.0, "four", -20)
    for count in range(1, 6):
        stream.hear(160, 0.8, "four " * count, -35)
    assert stream.ended is None


def test_a_second_half_that_is_much_quieter_is_still_speech() -> None:
    stream = (
        Stream(Answer.POTENTIAL).hear(600, 1.0, "four two", -20).hear(800, 0.0, "four two", -65)
    )
    stream.hear(2_200, 0.8, "four two", -35)
    assert stream.ended is None


def test_the_end_of_the_last_word_is_found_by_level_and_not_by_the_lagging_detector() -> None:
    stream = Stream(Answer.MAX).hear(400, 1.0, "yes").hear(100, 0.9, "yes", -62)
    assert stream.endpointer.last_speech_ms == 500
    assert stream.endpointer.speech_end_ms == 400


def test_a_word_that_the_detector_has_not_heard_yet_is_not_silence() -> None:
    stream = Stream(Answer.MAX).hear(400, 1.0, "agent").hear(60, 0.3, "agent", -65)
    stream.hear(60, 0.2, "agent", -25).hear(200, 1.0, "agent", -20)
    assert stream.ended is None


def test_sound_that_the_detector_never_accepts_delays_an_answer_no_longer() -> None:
    stream = Stream(Answer.MAX).hear(400, 1.0, "yes").hear(600, 0.0, "yes", -25)
    assert stream.ended == (400 + UNHEARD_MS + 80, End.COMPLETE)


def test_background_noise_is_not_as_loud_as_speech() -> None:
    stream = Stream(Answer.MAX).hear(400, 1.0, "yes").hear(200, 0.0, "yes", -60)
    assert stream.ended == (480, End.COMPLETE)


def test_every_silence_is_probed_once_and_again_if_later_words_complete_the_entry() -> None:
    stream = Stream(Answer.POTENTIAL).hear(400, 1.0, "four").hear(300, 0.0, "four", -65)
    assert stream.paused == [480]
    stream.answer = Answer.MAX
    stream.hear(100, 0.0, "four two", -65)
    assert stream.paused == [480, 720]
    stream.answer = Answer.POTENTIAL
    stream.hear(200, 1.0, "four two").hear(200, 0.0, "four two", -65)
    assert stream.paused == [480, 720, 1_080]


def test_speech_timeouts_follow_the_voicexml_properties() -> None:
    properties = Properties(complete_timeout_ms=300, incomplete_timeout_ms=4_000)
    assert silence_needed_ms(Answer.MAX, properties) == 300
    assert silence_needed_ms(Answer.MATCH, properties) == 4_000
    assert silence_needed_ms(Answer.POTENTIAL, properties) == 4_000
    assert silence_needed_ms(Answer.NO, Properties(incomplete_timeout_ms=500)) == 500
