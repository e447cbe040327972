"""The door to all passes over an utterance: who hears it, in which order, and what comes of it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence

import pytest

from bot.errors import RecognitionError
from bot.hearing.ensemble import Ensemble, Member
from bot.hearing.passes import Engines, Passes, PassParameters, Question
from bot.hearing.result import FillerPath, MorePasses, RecognitionResult
from bot.hearing.workers import InlineWorkers
from bot.interfaces import Timer
from bot.types import AudioFrame, Hypothesis
from tests.support.fakes import (
    NARROW_REACH,
    RATE,
    WIDE_REACH,
    FakeRecognition,
    FakeRecognizer,
    spoken,
)

pytestmark = pytest.mark.unit

FILLERS = ("_b _eh _d",)
PHRASES = ("four", "five", "nine", "one")
FITTED = PassParameters()
ALL = MorePasses(fillers=True, second=True, spotter=True)


class Noted(FakeRecognition):
    """Says when it was asked for its last word."""

    def __init__(self, name: str, heard_by: list[str], *, wide: bool) -> None:
        super().__init__([("four", "five", -0.5), ("four", "nine", -1.5)], wide=wide)
        self._name, self._heard_by = name, heard_by

    def final(self) -> tuple[Hypothesis, ...]:
        self._heard_by.append(self._name)
        return super().final()


class Model(FakeRecognizer):
    """Notes its passes under its name; one that is deaf hears nothing."""

    def __init__(self, name: str, heard_by: list[str], *, deaf: bool = False) -> None:
        super().__init__()
        self._name, self._heard_by, self._deaf = name, heard_by, deaf

    def start(
        self, phrases: Sequence[str], rate: int, max_nbest: int, *, wide: bool = False
    ) -> FakeRecognition:
        if self._deaf:
            return Deaf([])
        name = f"{self._name}, fillers" if FILLERS[0] in phrases else self._name
        return Noted(name, self._heard_by, wide=wide)


class Deaf(FakeRecognition):
    """Hears nothing in anything."""

    def accept(self, frame: AudioFrame) -> tuple[str, ...]:
        return ()


class Spotting:
    """Spots one word in everything."""

    def __init__(self, heard_by: list[str]) -> None:
        self._heard_by = heard_by

    def spot(self, utterance: AudioFrame) -> dict[str, float]:
        self._heard_by.append("spotter")
        return {"four": 3.0}


class Utterance:
    """One utterance before three listeners; ``heard_by`` are those that were asked, in order."""

    def __init__(
        self,
        *,
        wide: bool = False,
        max_nbest: int = 5,
        fillers: tuple[str, ...] = FILLERS,
        second_is_deaf: bool = False,
        timer: Timer | None = None,
        parameters: PassParameters = FITTED,
        spotter: type[Spotting] = Spotting,
    ) -> None:
        self.heard_by: list[str] = []
        second = Member(Model("second", self.heard_by, deaf=second_is_deaf), FILLERS)
        first = Member(Model("first", self.heard_by), fillers)
        ensemble = Ensemble(first, second, spotter(self.heard_by))
        engines = Engines(ensemble, InlineWorkers(), RATE, timer, parameters=parameters)
        self._passes = Passes(engines, Question(PHRASES, max_nbest, wide))

    def hears(self, pcm: bytes, *, answer_near: bool = False) -> Utterance:
        frame = AudioFrame(pcm, RATE, 0)
        asyncio.run(self._passes.hear(frame, -70.0, answer_near=answer_near))
        return self

    def result(self, *needs: MorePasses) -> RecognitionResult:
        """With these needs, one for each time that they are asked for; the last one again."""
        asked = iter(needs)
        last = needs[-1]
        return asyncio.run(self._passes.result(lambda _heard: next(asked, last)))


@pytest.mark.parametrize(
    ("needs", "heard_by"),
    [
        (MorePasses(), ["first"]),
        (MorePasses(second=True, spotter=True), ["first"]),
        (MorePasses(fillers=True), ["first", "first, fillers"]),
        (MorePasses(fillers=True, spotter=True), ["first", "first, fillers"]),
        (
            MorePasses(fillers=True, second=True),
            ["first", "first, fillers", "second", "second, fillers"],
        ),
        (ALL, ["first", "first, fillers", "second", "second, fillers", "spotter"]),
    ],
)
def test_an_utterance_runs_the_needed_passes_in_a_fixed_order(
    needs: MorePasses, heard_by: list[str]
) -> None:
    utterance = Utterance().hears(spoken("four"))
    utterance.result(needs)
    assert utterance.heard_by == heard_by


def test_the_first_pass_alone_has_a_result() -> None:
    found = Utterance().hears(spoken("four")).result(MorePasses())
    assert [one.words for one in found.alternatives] == [("four",), ("five",), ("nine",)]
    assert (found.filler_path, found.fused, found.spotted) == (None, False, {})


def test_all_passes_give_one_result() -> None:
    found = Utterance().hears(spoken("four")).result(ALL)
    assert found.alternatives[0].words == ("four",)
    assert found.filler_path == FillerPath(0.0, 0)
    assert found.fused
    assert found.spotted == {"four": 3.0}


def test_needs_are_decided_after_the_first_pass_and_again_after_the_fillers() -> None:
    utterance = Utterance().hears(spoken("four"))
    seen: list[RecognitionResult] = []

    def needs(heard: RecognitionResult) -> MorePasses:
        seen.append(heard)
        return ALL

    asyncio.run(utterance._passes.result(needs))
    first, with_fillers = seen
    assert (first.filler_path, with_fillers.filler_path) == (None, FillerPath(0.0, 0))
    assert first.alternatives == with_fillers.alternatives != ()


@pytest.mark.parametrize("needs", [MorePasses(), ALL])
def test_the_same_audio_is_decoded_once_however_often_it_is_requested(needs: MorePasses) -> None:
    utterance = Utterance().hears(spoken("four"))
    first = utterance.result(needs)
    before = list(utterance.heard_by)
    assert utterance.result(needs) == first
    assert utterance.heard_by == before


def test_a_pass_that_was_not_needed_at_first_can_run_later() -> None:
    utterance = Utterance().hears(spoken("four"))
    utterance.result(MorePasses())
    assert utterance.result(ALL).fused
    assert not utterance.result(MorePasses(fillers=True)).fused
    assert utterance.heard_by == ["first", "first, fillers", "second", "second, fillers", "spotter"]


def test_speech_after_a_probe_is_decoded_from_the_beginning_by_all_passes() -> None:
    utterance = Utterance()
    found = []
    for words in ("four two", "one"):
        result = utterance.hears(spoken(words)).result(ALL)
        found.append(" ".join(result.alternatives[0].words))
    assert found == ["four two", "four two one"]
    assert utterance.heard_by == 2 * [
        *("first", "first, fillers", "second", "second, fillers", "spotter")
    ]


def test_silence_is_decoded_only_by_the_first_model() -> None:
    utterance = Utterance().hears(bytes(RATE))
    assert utterance.result(ALL).alternatives == ()
    assert utterance.heard_by == ["first"]


def test_an_utterance_that_never_started_has_an_empty_result() -> None:
    utterance = Utterance()
    assert utterance.result(ALL) == RecognitionResult()
    assert utterance.heard_by == []


def test_a_model_without_fillers_runs_alone() -> None:
    utterance = Utterance(fillers=()).hears(spoken("four"))
    assert utterance.result(ALL).filler_path is None
    assert utterance.heard_by == ["first"]


def test_a_second_model_without_a_result_changes_nothing() -> None:
    utterance = Utterance(second_is_deaf=True).hears(spoken("four"))
    assert utterance.result(ALL) == utterance.result(MorePasses(fillers=True))


@pytest.mark.parametrize(("seconds", "short"), [(5, True), (7, False)])
def test_a_long_utterance_is_decoded_only_by_the_first_model_with_a_narrow_beam(
    seconds: int, short: bool
) -> None:
    utterance = Utterance(wide=True)
    for _ in range(seconds):
        utterance.hears((spoken("four") + bytes(RATE * 2))[: RATE * 2])
    found = utterance.result(MorePasses(fillers=True))
    assert found.reach == (WIDE_REACH if short else NARROW_REACH)
    assert utterance.result(ALL).fused == short


def test_a_full_list_of_alternatives_leaves_the_rest_unknown() -> None:
    def reach(max_nbest: int) -> float:
        return Utterance(wide=True, max_nbest=max_nbest).hears(spoken("four")).result(ALL).reach

    def reach_of_first(max_nbest: int) -> float:
        utterance = Utterance(wide=True, max_nbest=max_nbest).hears(spoken("four"))
        return utterance.result(MorePasses(fillers=True)).reach

    assert reach_of_first(3) == 1.5
    assert reach_of_first(4) == WIDE_REACH
    assert reach(3) == pytest.approx(2.25)
    assert reach(4) == pytest.approx(6.0)


def test_a_call_can_set_the_weight_of_the_second_model_and_the_time_of_the_wide_beam() -> None:
    impatient = PassParameters(longest_wide_ms=100, second_weight=0.5)
    utterance = Utterance(wide=True, parameters=impatient).hears(spoken("four"))
    assert utterance.result(ALL).reach == NARROW_REACH
    heavy = Utterance(parameters=PassParameters(second_weight=2.0)).hears(spoken("four"))
    assert [one.log_likelihood for one in heavy.result(ALL).alternatives] == [0.0, -1.5, -4.5]


@pytest.mark.parametrize(
    ("needs", "passes"),
    [
        (MorePasses(), 1),
        (MorePasses(fillers=True), 2),
        (MorePasses(fillers=True, second=True), 4),
        (ALL, 5),
    ],
)
def test_each_pass_over_the_audio_is_counted(needs: MorePasses, passes: int) -> None:
    assert Utterance().hears(spoken("four")).result(needs).passes == passes


def test_decoding_again_from_the_beginning_is_another_pass() -> None:
    utterance = Utterance()
    counts = [utterance.hears(spoken("four")).result(MorePasses()).passes for _ in range(3)]
    assert counts == [1, 2, 3]


def test_fillers_that_keep_up_with_the_caller_are_a_single_pass() -> None:
    utterance = Utterance()
    for word in ("four", "five", "nine"):
        utterance.hears(spoken(word), answer_near=True)
    assert utterance.result(MorePasses(fillers=True)).passes == 2


class Ticking:
    """A timer on which 5 ms pass between any two looks at it."""

    def __init__(self) -> None:
        self._now_ms = 0

    def now_ms(self) -> int:
        self._now_ms += 5
        return self._now_ms

    async def sleep(self, ms: int) -> None:
        raise NotImplementedError


def test_the_cost_of_a_result_is_the_time_spent_on_its_audio() -> None:
    utterance = Utterance(timer=Ticking())
    utterance.hears(spoken("four")).hears(spoken("five"))
    assert utterance.result(MorePasses()).cost_ms == 5 + 5 + 5
    assert utterance.result(ALL).cost_ms == 5 + 5 + 5 + 5 + 5


def test_without_a_timer_no_time_is_measured() -> None:
    assert Utterance().hears(spoken("four")).result(ALL).cost_ms == 0


# -- begun before they are asked for -----------------------------------------------------------


class Failing(Spotting):
    """A spotter that fails."""

    def spot(self, utterance: AudioFrame) -> dict[str, float]:
        raise RecognitionError("spotter")


async def prepared(utterance: Utterance, needs: MorePasses = ALL) -> None:
    """The passes begin, and are given the time that they take."""
    utterance._passes.prepare(lambda _heard: needs)
    await asyncio.sleep(0)


def test_the_prepared_result_is_returned() -> None:
    async def result() -> RecognitionResult:
        await prepared(utterance)
        before = list(utterance.heard_by)
        found = await utterance._passes.result(lambda _heard: ALL)
        assert utterance.heard_by == before != []
        return found

    utterance = Utterance().hears(spoken("four"))
    assert asyncio.run(result()) == Utterance().hears(spoken("four")).result(ALL)


def test_a_prepared_result_is_void_if_the_caller_continues() -> None:
    async def result() -> RecognitionResult:
        await prepared(utterance)
        await utterance._passes.hear(AudioFrame(spoken("one"), RATE, 0), -70.0, answer_near=True)
        return await utterance._passes.result(lambda _heard: ALL)

    utterance = Utterance().hears(spoken("four"))
    assert asyncio.run(result()).alternatives[0].words == ("four", "one")


def test_a_decoder_under_way_is_waited_for_before_it_hears_more() -> None:
    async def result() -> RecognitionResult:
        utterance._passes.prepare(lambda _heard: ALL)
        await utterance._passes.hear(AudioFrame(spoken("one"), RATE, 0), -70.0, answer_near=True)
        return await utterance._passes.result(lambda _heard: ALL)

    utterance = Utterance().hears(spoken("four"))
    assert asyncio.run(result()).alternatives[0].words == ("four", "one")


def test_a_fault_in_what_was_prepared_is_raised_where_it_is_asked_for() -> None:
    async def result() -> RecognitionResult:
        await prepared(utterance)
        return await utterance._passes.result(lambda _heard: ALL)

    utterance = Utterance(spotter=Failing).hears(spoken("four"))
    with pytest.raises(RecognitionError):
        asyncio.run(result())


def test_a_fault_of_an_unused_result_is_silent() -> None:
    async def discarded() -> list[object]:
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, what: told.append(what))
        await prepared(utterance)
        del utterance._passes
        gc.collect()
        return told

    utterance = Utterance(spotter=Failing).hears(spoken("four"))
    assert asyncio.run(discarded()) == []
