"""Each fitted number of the endpointer on both sides: just under it, at it, and just over it."""

from __future__ import annotations

import pytest

from bot.grammar import Answer
from bot.hearing.observation import Observation
from bot.turn.endpointer import End, Endpointer
from bot.types import Properties

pytestmark = pytest.mark.unit

PEAK_DB, NOISE_DB, SILENCE_DB = -20.0, -65.0, -80.0


class Moments:
    """Shows an endpointer single moments, in milliseconds of the call."""

    def __init__(self, answer: Answer = Answer.MAX, properties: Properties | None = None) -> None:
        self.endpointer = Endpointer(properties or Properties())
        self.answer = answer
        self.end: End | None = None

    def at(
        self,
        ms: int,
        probability: float = 0.0,
        level_db: float = SILENCE_DB,
        words: str = "",
        noise_db: float = NOISE_DB,
        lasts_ms: int = 20,
    ) -> Moments:
        partial = tuple(words.split())
        seen = Observation(ms, lasts_ms, probability, level_db, noise_db, partial)
        self.end = self.endpointer.observe(seen, self.answer)
        return self

    def said(self, words: str = "yes", until_ms: int = 1_000) -> Moments:
        """Speech from half a second before, with its words unchanged all the while."""
        for ms in range(until_ms - 500, until_ms + 1, 20):
            self.at(ms, 1.0, PEAK_DB, words)
        return self


# -- what is speech ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "level_db", "noise_db", "begins"),
    [
        (0.499, -60.0, NOISE_DB, False),
        (0.5, -60.0, NOISE_DB, True),
        (0.1, -50.1, -65.0, False),  # not 15 dB over the noise
        (0.1, -50.0, -65.0, True),
        (0.099, -50.0, -65.0, False),
        (0.1, -20.0, -55.1, True),
        (0.1, -20.0, -55.0, False),  # no quiet line
    ],
)
def test_speech_begins(probability: float, level_db: float, noise_db: float, begins: bool) -> None:
    seen = Moments().at(500, probability, level_db, noise_db=noise_db)
    assert seen.endpointer.started is begins
    assert seen.endpointer.speech_start_ms == (480 if begins else None)
    assert seen.endpointer.speech_ms == (20 if begins else 0)


@pytest.mark.parametrize(
    ("probability", "level_db", "goes_on"),
    [
        (0.349, -60.0, False),
        (0.35, -60.0, True),
        (0.07, -50.0, True),
        (0.069, -50.0, False),
        (0.07, -50.1, False),
    ],
)
def test_speech_continues(probability: float, level_db: float, goes_on: bool) -> None:
    seen = Moments().at(500, 0.6, level_db).at(520, probability, level_db)
    assert seen.endpointer.last_speech_ms == (520 if goes_on else 500)
    assert seen.endpointer.speech_ms == (40 if goes_on else 20)


@pytest.mark.parametrize(
    ("level_db", "noise_db", "is_word"),
    [
        (-45.0, -65.0, False),  # 25 dB under the peak
        (-44.9, -65.0, True),
        (-34.0, -40.0, False),  # 6 dB over the noise
        (-33.9, -40.0, True),
    ],
)
def test_the_last_word_ends_when_sound_drops_from_the_peak_to_the_noise(
    level_db: float, noise_db: float, is_word: bool
) -> None:
    seen = Moments().at(980, 1.0, PEAK_DB, noise_db=noise_db).at(1_000, 1.0, PEAK_DB)
    seen.at(1_020, 0.9, level_db)
    assert seen.endpointer.last_speech_ms == 1_020
    assert seen.endpointer.speech_end_ms == (1_020 if is_word else 1_000)


@pytest.mark.parametrize(
    ("after_ms", "level_db", "silent_ms"),
    [
        (299, -30.0, 0),
        (300, -30.0, 0),
        (301, -30.0, 301),
        (300, -45.0, 300),
    ],
)
def test_sound_as_loud_as_speech_is_not_silence_for_300_ms(
    after_ms: int, level_db: float, silent_ms: int
) -> None:
    seen = Moments().said().at(1_000 + after_ms, 0.0, level_db, "yes")
    assert seen.endpointer.silent_ms == silent_ms


@pytest.mark.parametrize(("after_ms", "listening"), [(349, True), (350, False), (351, False)])
def test_recognizers_are_fed_for_350_ms_after_speech(after_ms: int, listening: bool) -> None:
    seen = Moments(Answer.POTENTIAL)
    for until_ms in (1_000, 3_000):
        seen.said("four", until_ms)
        assert seen.endpointer.listening
        seen.at(until_ms + after_ms)
        assert seen.endpointer.listening is listening


# -- when it is over -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "properties", "needed_ms", "end"),
    [
        (Answer.MAX, Properties(), 80, End.COMPLETE),
        (Answer.MAX, Properties(complete_timeout_ms=333), 333, End.COMPLETE),
        (Answer.MATCH, Properties(), 2_500, End.INCOMPLETE),
        (Answer.MATCH, Properties(incomplete_timeout_ms=700), 700, End.INCOMPLETE),
        (Answer.POTENTIAL, Properties(), 2_500, End.INCOMPLETE),
        (Answer.POTENTIAL, Properties(incomplete_timeout_ms=4_000), 4_000, End.INCOMPLETE),
        (Answer.NO, Properties(incomplete_timeout_ms=4_000), 2_500, End.NO_SENSE),
        (Answer.NO, Properties(incomplete_timeout_ms=700), 700, End.NO_SENSE),
    ],
)
@pytest.mark.parametrize("by_ms", [-1, 0, 1])
def test_a_silence_ends_an_utterance_after_its_timeout(
    answer: Answer, properties: Properties, needed_ms: int, end: End, by_ms: int
) -> None:
    seen = Moments(answer, properties).said().at(1_000 + needed_ms + by_ms, words="yes")
    assert seen.end is (None if by_ms < 0 else end)


@pytest.mark.parametrize("most_ms", [20_000, 3_000])
@pytest.mark.parametrize("by_ms", [-1, 0, 1])
def test_speech_is_cut_at_its_maximum(most_ms: int, by_ms: int) -> None:
    seen = Moments(Answer.POTENTIAL, Properties(max_speech_timeout_ms=most_ms))
    seen.at(1_000, 1.0, PEAK_DB, "four").at(980 + most_ms + by_ms, 1.0, PEAK_DB, "four")
    assert seen.end is (None if by_ms < 0 else End.TOO_LONG)


@pytest.mark.parametrize(("unchanged_ms", "over"), [(99, False), (100, True), (101, True)])
def test_words_must_be_unchanged_for_100_ms(unchanged_ms: int, over: bool) -> None:
    seen = Moments().said("four").at(2_000, words="four two")
    assert seen.end is None
    assert (seen.at(2_000 + unchanged_ms, words="four two").end is End.COMPLETE) is over


@pytest.mark.parametrize(
    ("level_db", "dropped_ms", "over"),
    [
        (-30.0, 399, False),
        (-30.0, 400, True),
        (-30.0, 401, True),
        (-29.9, 400, False),  # not 10 dB under the peak
    ],
)
def test_a_steady_level_below_the_peak_is_silence(
    level_db: float, dropped_ms: int, over: bool
) -> None:
    seen = Moments().said()
    for ms in range(1_020, 1_390, 20):
        assert seen.at(ms, 0.9, level_db, "yes").end is None
    assert (seen.at(1_000 + dropped_ms, 0.9, level_db, "yes").end is End.COMPLETE) is over


@pytest.mark.parametrize(("unchanged_ms", "over"), [(199, False), (200, True), (201, True)])
def test_a_dropped_level_is_silence_once_its_words_were_stable_for_200_ms(
    unchanged_ms: int, over: bool
) -> None:
    seen = Moments().said("four")
    for ms in range(1_020, 2_000, 20):
        seen.at(ms, 0.9, -35.0, f"four {'two ' * (ms // 100)}")
    assert seen.at(2_000, 0.9, -35.0, "four two").end is None
    assert (seen.at(2_000 + unchanged_ms, 0.9, -35.0, "four two").end is End.COMPLETE) is over


def test_a_dropped_level_without_words_is_not_silence() -> None:
    seen = Moments().said("")
    for ms in range(1_020, 3_000, 20):
        assert seen.at(ms, 0.9, -35.0).end is None


@pytest.mark.parametrize(("silent_ms", "over"), [(399, True), (400, False)])
def test_speech_after_400_ms_of_silence_is_the_caller_however_quiet(
    silent_ms: int, over: bool
) -> None:
    """Its level counts as dropped from then on only."""
    seen = Moments().said("four").at(1_000 + silent_ms, 0.9, -35.0, "four")
    assert seen.end is None
    assert (seen.at(1_410, 0.9, -35.0, "four").end is End.COMPLETE) is over


def test_words_last_from_their_first_unbroken_moment() -> None:
    seen = Moments().at(100, 1.0, PEAK_DB)
    assert seen.endpointer.word_held_ms == 0
    for begins_ms in (200, 900):
        seen.at(begins_ms, 1.0, PEAK_DB, "yes").at(begins_ms + 150, 1.0, PEAK_DB, "yes no")
        assert seen.endpointer.word_held_ms == 150
        assert seen.at(begins_ms + 200, 1.0, PEAK_DB).endpointer.word_held_ms == 0


@pytest.mark.parametrize(("silent_ms", "pauses"), [(79, False), (80, True), (81, True)])
def test_a_silence_of_the_length_of_the_complete_timeout_is_probed_once(
    silent_ms: int, pauses: bool
) -> None:
    seen = Moments(Answer.POTENTIAL)
    for until_ms in (1_000, 3_000):
        seen.said("four", until_ms).at(until_ms + silent_ms, words="four")
        asked = [seen.endpointer.pauses(Answer.POTENTIAL) for _ in range(2)]
        assert asked == [pauses, False]
        seen.said("four", until_ms + 1_000)
        assert not seen.endpointer.pauses(Answer.POTENTIAL)


# -- what may be silence -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("complete", "level_db", "noise_db", "lulls"),
    [
        (True, -44.9, -50.0, False),  # not 25 dB under the caller's peak
        (True, -45.0, -50.0, True),
        (True, -53.9, -60.0, False),  # not within 6 dB of the noise
        (True, -54.0, -60.0, True),
        (False, -60.0, -60.0, False),
    ],
)
def test_a_level_may_be_silence_only_behind_a_complete_entry_and_if_it_is_low_both_ways(
    complete: bool, level_db: float, noise_db: float, lulls: bool
) -> None:
    endpointer = Moments().said().endpointer
    seen = Observation(1_020, 20, 1.0, level_db, noise_db, ())
    assert endpointer.lulls(seen, complete=complete) is lulls


def test_nothing_lulls_before_speech() -> None:
    endpointer = Moments().at(20).endpointer
    assert not endpointer.lulls(Observation(40, 20, 0.0, -90.0, NOISE_DB, ()), complete=True)
