"""Another listener ranks what was heard, where it is asked, and as long as it is waited for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from bot.hearing.ensemble import Ensemble, Member
from bot.hearing.passes import Engines, Passes, PassParameters, Question
from bot.hearing.rescoring import proposed, ranked
from bot.hearing.result import MorePasses, RecognitionResult
from bot.hearing.workers import InlineWorkers, ThreadWorkers
from bot.interfaces import Language, Rescored, Workers
from bot.types import UNKNOWN, AudioFrame, Hypothesis
from tests.support.fakes import RATE, FakeRecognition, FakeRecognizer, spoken
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.unit

ASKED = MorePasses(fillers=True, rescorer=True)
FOUR = [("four", "five", -0.5)]
AUDIO = AudioFrame(b"", RATE, 0)
MOST = 10


class Listener:
    """Has a likelihood for each text, and what it hears itself; keeps what it was asked."""

    identity = "fake"

    def __init__(self, its_own: str = "", **likely: float) -> None:
        self._own = tuple(its_own.split())
        self._likely = likely
        self.asked: list[list[tuple[str, ...]]] = []

    def score(
        self,
        utterance: AudioFrame,
        alternatives: Iterable[tuple[str, ...]],
        language: Language | None = None,
    ) -> dict[tuple[str, ...], Rescored]:
        self.asked.append(list(alternatives))
        if not self._likely:
            return {}
        every = filter(None, (*self.asked[-1], self._own))
        return {words: Rescored(self._likely["_".join(words)]) for words in every}


class Stuck(Listener):
    """Does not answer until it may."""

    def __init__(self) -> None:
        super().__init__(four=-1.0, five=-2.0)
        self.may = threading.Event()

    def score(
        self,
        utterance: AudioFrame,
        alternatives: Iterable[tuple[str, ...]],
        language: Language | None = None,
    ) -> dict[tuple[str, ...], Rescored]:
        assert self.may.wait(PATIENCE_S)
        return super().score(utterance, alternatives, language)


class Spotting:
    """Spots one word in everything."""

    def spot(self, utterance: AudioFrame) -> dict[str, float]:
        return {"four": 3.0}


def heard(*alternatives: tuple[str, float]) -> RecognitionResult:
    return RecognitionResult(tuple(Hypothesis(tuple(w.split()), at) for w, at in alternatives))


def listed(found: RecognitionResult) -> list[tuple[str, float]]:
    return [(" ".join(one.words), one.log_likelihood) for one in found.alternatives]


def rescored(
    listener: Listener, before: RecognitionResult, weight: float, most: int = MOST
) -> RecognitionResult:
    return ranked(before, listener.score(AUDIO, proposed(before)[:most]), weight)


def test_likelihoods_are_added_and_the_best_one_keeps_its_value() -> None:
    before = heard(("four", 10.0), ("five", 9.0), ("nine", 5.0))
    found = rescored(Listener(four=-9.0, five=-3.0, nine=-5.0), before, 0.5)
    assert listed(found) == [("five", 9.0), ("four", 7.0), ("nine", 4.0)]
    assert found.rescored[("four",)] == Rescored(-9.0)


def test_without_an_answer_nothing_changes() -> None:
    before = heard(("four", 10.0), ("five", 9.0))
    assert rescored(Listener(), before, 0.5) == before


def test_hypotheses_without_a_meaning_are_neither_rescored_nor_ranked() -> None:
    listener = Listener(four=-2.0, five=-1.0)
    before = heard((f"{UNKNOWN} four", 10.0), (UNKNOWN, 9.7), ("five", 9.0))
    found = rescored(listener, before, 1.0)
    assert listener.asked == [[("four",), ("five",)]]
    assert listed(found) == [(UNKNOWN, 9.7), (f"{UNKNOWN} four", 9.0), ("five", 9.0)]


def test_a_hypothesis_that_was_not_rescored_ties_with_the_least_likely() -> None:
    listener = Listener(four=-9.0, five=-3.0)
    found = rescored(listener, heard(("four", 9.0), ("five", 8.0), ("nine", 7.5)), 0.5, 2)
    assert listener.asked == [[("four",), ("five",)]]
    assert listed(found) == [("five", 8.0), ("four", 6.0), ("nine", 4.5)]


def test_its_own_hypothesis_ranks_as_an_alternative_that_was_not_proposed() -> None:
    listener = Listener("five nine", four=-9.0, five_nine=-1.0)
    before = heard(("four", 10.0), ("four four", 8.0))
    found = rescored(listener, replace(before, reach=5.0), 0.5, 1)
    assert listed(found) == [("four", 6.0), ("five nine", 5.0), ("four four", 4.0)]
    found = rescored(listener, before, 0.5, 1)
    assert ("five nine", 8.0) in listed(found), "without a reach, as far as the last alternative"


def test_a_hypothesis_of_both_is_one_alternative() -> None:
    listener = Listener("five", four=-9.0, five=-1.0)
    found = rescored(listener, heard(("four", 10.0), ("five", 9.0)), 0.5)
    assert listed(found) == [("five", 9.0), ("four", 6.0)]


def test_no_repr_shows_a_word() -> None:
    found = rescored(Listener(four=-2.0), heard(("four", 1.0)), 1.0)
    assert "four" not in repr(found)


class Utterance:
    """ "four" at a model that hears "five" nearly as well, and a listener beside it."""

    def __init__(
        self,
        listener: Listener | None,
        workers: Workers,
        recognizer: FakeRecognizer | None = None,
        *,
        patient: bool = False,
    ) -> None:
        first = Member(recognizer or FakeRecognizer(FOUR), ("_b",))
        ensemble = Ensemble(first, spotter=Spotting(), rescorer=listener)
        by = PassParameters(rescorer_ms=20)
        engines = Engines(ensemble, workers, RATE, parameters=by, patient=patient)
        self._passes = Passes(engines, Question(("four", "five"), 5))

    async def result(self, needs: MorePasses, *, ms: int | None = None) -> RecognitionResult:
        pcm = spoken("four")
        pcm += bytes(max(0, 2 * RATE * (ms or 0) // 1000 - len(pcm)))
        await self._passes.hear(AudioFrame(pcm, RATE, 0), -70.0, answer_near=False)
        await self._passes.result(lambda _heard: needs)
        return await self.again(needs)

    async def again(self, needs: MorePasses) -> RecognitionResult:
        return await self._passes.result(lambda _heard: needs)


@pytest.mark.parametrize(
    ("needs", "times"), [(ASKED, 1), (MorePasses(fillers=True), 0), (MorePasses(rescorer=True), 0)]
)
def test_the_same_audio_is_rescored_once_where_it_is_needed(needs: MorePasses, times: int) -> None:
    listener = Listener(four=-4.0, five=-1.0)
    found = asyncio.run(Utterance(listener, InlineWorkers()).result(needs))
    assert len(listener.asked) == times
    assert found.alternatives[0].words == (("five",) if times else ("four",))
    assert not found.left_out


@pytest.mark.parametrize("spotter", [True, False])
def test_words_are_spotted_as_well_where_that_is_needed(spotter: bool) -> None:
    needs = replace(ASKED, spotter=spotter)
    found = asyncio.run(Utterance(Listener(four=-4.0, five=-1.0), InlineWorkers()).result(needs))
    assert found.rescored and found.spotted == ({"four": 3.0} if spotter else {})


def test_without_one_nothing_changes() -> None:
    found = asyncio.run(Utterance(None, InlineWorkers()).result(ASKED))
    assert (found.rescored, found.left_out) == ({}, False)


@pytest.mark.parametrize(("ms", "times"), [(12_000, 1), (12_100, 0)])
def test_audio_that_is_too_long_is_not_scored(ms: int, times: int) -> None:
    listener = Listener(four=-4.0, five=-1.0)
    asyncio.run(Utterance(listener, InlineWorkers()).result(ASKED, ms=ms))
    assert len(listener.asked) == times


def test_rescoring_that_started_early_is_awaited_later() -> None:
    async def turns() -> tuple[RecognitionResult, RecognitionResult]:
        utterance = Utterance(listener, InlineWorkers())
        early = await utterance.result(replace(ASKED, waits=False))
        return early, await utterance.again(ASKED)

    listener = Listener(four=-4.0, five=-1.0)
    early, late = asyncio.run(turns())
    assert [one.alternatives[0].words for one in (early, late)] == [("four",), ("five",)]
    assert len(listener.asked) == 1


class Meeting(Listener):
    """Answers once the fillers are followed, too."""

    def __init__(self, both: threading.Barrier) -> None:
        super().__init__(four=-4.0, five=-1.0)
        self._both = both

    def score(
        self,
        utterance: AudioFrame,
        alternatives: Iterable[tuple[str, ...]],
        language: Language | None = None,
    ) -> dict[tuple[str, ...], Rescored]:
        self._both.wait(PATIENCE_S)
        return super().score(utterance, alternatives, language)


class MeetingFillers(FakeRecognizer):
    """Begins its second recognition, with fillers, once the rescorer is at work, too."""

    def __init__(self, both: threading.Barrier) -> None:
        super().__init__(FOUR)
        self._both = both
        self._started = 0

    def start(
        self, phrases: Sequence[str], rate: int, max_nbest: int, *, wide: bool = False
    ) -> FakeRecognition:
        self._started += 1
        if self._started == 2:
            self._both.wait(PATIENCE_S)
        return super().start(phrases, rate, max_nbest, wide=wide)


def test_the_rescorer_works_while_the_fillers_are_followed() -> None:
    both = threading.Barrier(2)
    with ThreadWorkers(2) as workers:
        utterance = Utterance(Meeting(both), workers, MeetingFillers(both), patient=True)
        found = asyncio.run(utterance.result(ASKED))
    assert found.alternatives[0].words == ("five",)
    assert found.filler_path is not None


def test_a_slow_rescorer_is_skipped_for_this_audio() -> None:
    listener = Stuck()
    with ThreadWorkers(2) as workers:
        found = asyncio.run(Utterance(listener, workers).result(ASKED))
        listener.may.set()
    assert (found.rescored, found.left_out) == ({}, True)
    assert found.alternatives[0].words == ("four",)


def test_a_recorded_call_waits_for_the_rescorer_however_slow_it_is() -> None:
    async def turn() -> RecognitionResult:
        asyncio.get_running_loop().call_later(0.2, listener.may.set)
        return await Utterance(listener, workers, patient=True).result(ASKED)

    listener = Stuck()
    with ThreadWorkers(2) as workers:
        found = asyncio.run(turn())
    assert not found.left_out
    assert found.rescored[("four",)] == Rescored(-1.0)


def test_a_late_fault_is_ignored() -> None:
    def late() -> int:
        assert may.wait(PATIENCE_S)
        raise RuntimeError

    may = threading.Event()

    async def waited() -> None:
        assert await workers.within(10, asyncio.ensure_future(workers.run(late))) is None
        may.set()

    with ThreadWorkers(1) as workers:
        asyncio.run(waited())


def test_rescoring_in_time_is_awaited_and_its_faults_are_raised() -> None:
    async def waited() -> int | None:
        return await workers.within(30_000, asyncio.ensure_future(workers.run(lambda: 7)))

    async def failing() -> None:
        await workers.within(30_000, asyncio.ensure_future(workers.run(lambda: 1 // 0)))

    with ThreadWorkers(1) as workers:
        assert asyncio.run(waited()) == 7
        with pytest.raises(ZeroDivisionError):
            asyncio.run(failing())
