"""Runs the recognition passes over one utterance.

The first model decodes while the caller speaks. The utterance may then be decoded again with
fillers, by a second model with its own fillers, and by a spotter; or a rescorer scores the first
model's hypotheses. Only ``result`` decides which passes run, and in which order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any, TypeVar

from bot.audio.buffer import AudioBuffer
from bot.audio.files import to_pcm, to_samples
from bot.audio.gain import GainParameters, UtteranceGain
from bot.hearing.ensemble import Ensemble, Member
from bot.hearing.filler_pass import FillerPass
from bot.hearing.model_fusion import fused, reach_of
from bot.hearing.pass_meter import PassMeter
from bot.hearing.rescoring import Scores, proposed, ranked
from bot.hearing.result import Needs, RecognitionResult
from bot.interfaces import Language, Recognition, Rescorer, Spotter, Timer, Workers
from bot.types import AudioFrame

T = TypeVar("T")


class Pass(Enum):
    """The pass that produced a result; each builds on the results of earlier passes."""

    FIRST = auto()
    FILLERS = auto()
    SECOND = auto()
    RESCORER = auto()


@dataclass(frozen=True, slots=True)
class PassParameters:
    """Limits and weights of the passes."""

    longest_wide_ms: int = 6_000
    """Longer audio is decoded again with the narrow beam, and by one model only: in babble, a wide
    search grows without bound."""
    second_weight: float = 0.5
    """Weight of the second model's log-likelihoods relative to the first's; fitted over folds of
    speakers."""
    rescorer_weight: float = 0.45
    """Weight of the rescorer's log-likelihoods relative to the first model's; fitted as well."""
    most_rescored: int = 10
    """How many alternatives the rescorer scores: noise yields many, and each takes time."""
    rescorer_ms: int = 150
    """Longest wait for the rescorer on a busy machine; after that, its scores are left out."""
    longest_rescored_ms: int = 12_000
    """Longer audio is not rescored: it is not an answer whose confidence rescoring could raise."""


_FITTED = PassParameters()


@dataclass(frozen=True, slots=True)
class Engines:
    """The recognizers for all of a call's utterances, at its line's rate."""

    ensemble: Ensemble
    workers: Workers
    rate: int
    timer: Timer | None = None
    """Measures the cost of results; without a timer, it is reported as 0 ms."""
    gain: GainParameters = field(default_factory=GainParameters)
    parameters: PassParameters = _FITTED
    patient: bool = False
    """Whether to wait for the rescorer however long it takes: a recorded caller's time stands still
    meanwhile, so that results are the same on every machine."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the recognizers listen for."""

    phrases: tuple[str, ...] = ()
    max_nbest: int = 1
    wide: bool = False
    """Whether to search for alternatives far below the best, as in Recognizer.start."""
    language: Language | None = None
    """All that may be said, for a rescorer to look for; None to let it score alternatives only."""


class Passes:
    """One utterance. All methods raise RecognitionError."""

    def __init__(self, engines: Engines, question: Question) -> None:
        self._engines = engines
        self._question = question
        self._gain = UtteranceGain(engines.rate, engines.gain)
        self._said, self._heard = AudioBuffer(engines.rate), AudioBuffer(engines.rate)
        self._wide = False
        self._recognition: Recognition | None = None
        self._fillers: FillerPass | None = None
        self._results: dict[Pass, RecognitionResult] = {}
        self._preparing: asyncio.Future[RecognitionResult] | None = None
        self._scoring: asyncio.Future[Scores] | None = None
        self._meter = PassMeter(engines.timer)

    async def hear(
        self, frame: AudioFrame, noise_db: float, *, answer_near: bool
    ) -> tuple[str, ...]:
        """Decode the utterance's next audio, given the line's noise level; return the words so far.

        If an answer is near, the fillers follow along, so that they add no delay when it comes.
        """
        await self._prepared()
        self._scoring = None
        return await self._run(lambda: self._follow(frame, noise_db, answer_near))

    def prepare(self, needs: Needs) -> None:
        """Begin the passes that the result will need if the utterance ends here."""
        self._preparing = asyncio.ensure_future(
            self._by_all(lambda heard: replace(needs(heard), waits=False))
        )
        self._preparing.add_done_callback(_retrieved)

    async def result(self, needs: Needs) -> RecognitionResult:
        """Return the result so far, after all the passes that it needs.

        An utterance that continues after this is decoded again from its beginning, which costs less
        time than checking at the end of every pause saves.
        """
        await self._prepared()
        heard = await self._by_all(needs)
        return replace(heard, passes=self._meter.passes, cost_ms=self._meter.cost_ms)

    async def _prepared(self) -> None:
        """Wait for the passes under way: no two of them use the same decoder at once."""
        preparing, self._preparing = self._preparing, None
        if preparing is not None:
            await preparing

    async def _by_all(self, needs: Needs) -> RecognitionResult:
        ensemble = self._engines.ensemble
        heard = await self._result(Pass.FIRST, self._of_first)
        if not heard.alternatives or not ensemble.first.fillers:
            return heard
        more = needs(heard)
        if not more.fillers:
            return heard
        if more.rescorer and ensemble.rescorer is not None:
            self._begin_scoring(ensemble.rescorer, heard)  # it needs the alternatives alone
        heard = await self._result(Pass.FILLERS, self._with_fillers)
        if heard.filler_path is None:
            return heard
        more, second = needs(heard), ensemble.second
        spotter = ensemble.spotter if more.spotter else None
        if more.rescorer and ensemble.rescorer is not None:
            return await self._scored(ensemble.rescorer, spotter, heard, wait=more.waits)
        if more.second and second is not None and self._short:
            return await self._result(Pass.SECOND, lambda: self._with_second(second, spotter))
        return heard

    def _begin_scoring(self, rescorer: Rescorer, heard: RecognitionResult) -> None:
        """Have the rescorer score the alternatives, unless it does or did so already."""
        by = self._engines.parameters
        begun = self._scoring is not None or Pass.RESCORER in self._results
        if begun or not self._within(by.longest_rescored_ms):
            return
        audio, words = self._heard.since(0), proposed(heard)[: by.most_rescored]
        language = self._question.language
        self._meter.begun()
        self._scoring = asyncio.ensure_future(
            self._run(lambda: rescorer.score(audio, words, language))
        )
        self._scoring.add_done_callback(_retrieved)

    async def _scored(
        self, rescorer: Rescorer, spotter: Spotter | None, heard: RecognitionResult, *, wait: bool
    ) -> RecognitionResult:
        """Return the result as ranked by the rescorer, or unchanged if that takes too long."""
        self._begin_scoring(rescorer, heard)
        if self._scoring is None or Pass.RESCORER in self._results or not wait:
            return self._results.get(Pass.RESCORER, heard)
        by = self._engines.parameters
        if self._engines.patient:
            scores: Scores | None = await self._scoring
        else:
            scores = await self._engines.workers.within(by.rescorer_ms, self._scoring)
        if scores is None:
            found = replace(heard, left_out=True)
        else:
            found = ranked(heard, scores, by.rescorer_weight)
            if spotter is not None:
                found = await self._also_spotted(spotter, found)
        self._results[Pass.RESCORER] = found
        return found

    async def _also_spotted(self, spotter: Spotter, heard: RecognitionResult) -> RecognitionResult:
        audio = self._heard.since(0)
        return await self._run(lambda: self._spotted(spotter, audio, heard))

    async def _result(
        self, whose: Pass, find: Callable[[], RecognitionResult]
    ) -> RecognitionResult:
        """Return this pass's result; run it only once for the same audio."""
        if whose not in self._results:
            self._results[whose] = await self._run(find)
        return self._results[whose]

    async def _run(self, work: Callable[[], T]) -> T:
        found, took_ms = await self._engines.workers.run(lambda: self._meter.timed(work))
        self._meter.spent(took_ms)
        return found

    # -- in a worker ----------------------------------------------------------------------

    def _follow(self, frame: AudioFrame, noise_db: float, answer_near: bool) -> tuple[str, ...]:
        self._results.clear()
        frame = self._continued(frame, noise_db)
        leveled = replace(frame, pcm=to_pcm(self._gain.applied(to_samples(frame.pcm))))
        self._heard.add(leveled)
        if self._recognition is None:
            self._recognition = self._started(self._engines.ensemble.first)
        words = self._recognition.accept(leveled)
        if answer_near and self._engines.ensemble.first.fillers:
            self._keep_up()
        return words

    def _continued(self, frame: AudioFrame, noise_db: float) -> AudioFrame:
        """Return the first model's next audio: this frame, or the whole utterance if it became
        much louder or too long for a wide search, or if a result was already taken."""
        if not self._said:
            self._gain.begin(noise_db)
        self._said.add(frame)
        if self._gain.too_loud(to_samples(frame.pcm)):
            self._recognition, self._fillers = None, None
        if self._wide and not self._short:
            self._recognition = None
        self._wide = self._question.wide and self._short
        if self._recognition is not None:
            return frame
        self._heard.clear()
        return self._said.since(0)

    def _of_first(self) -> RecognitionResult:
        recognition, self._recognition = self._recognition, None
        return RecognitionResult() if recognition is None else self._ended(recognition)

    def _with_fillers(self) -> RecognitionResult:
        fillers, self._fillers = self._keep_up(), None
        return replace(self._results[Pass.FIRST], filler_path=fillers.path())

    def _keep_up(self) -> FillerPass:
        if self._fillers is None:
            self._fillers = self._fillers_of(self._engines.ensemble.first)
        self._fillers.follow(self._heard)
        return self._fillers

    def _with_second(self, second: Member, spotter: Spotter | None) -> RecognitionResult:
        """Decode the whole utterance with the second model, and fuse the results; if it hears
        nothing, return the first's alone. Not called if the first is confident."""
        first = self._results[Pass.FILLERS]
        recognition, fillers = self._started(second), self._fillers_of(second)
        recognition.accept(self._heard.since(0))
        found = self._ended(recognition)
        fillers.follow(self._heard)
        found = replace(found, filler_path=fillers.path())
        if not found.alternatives or found.filler_path is None:
            return first
        weight = self._engines.parameters.second_weight
        both = fused(first, found, self._question.max_nbest, weight)
        return self._spotted(spotter, self._heard.since(0), both)

    def _spotted(
        self, spotter: Spotter | None, audio: AudioFrame, heard: RecognitionResult
    ) -> RecognitionResult:
        if spotter is None:
            return heard
        self._meter.begun()
        return replace(heard, spotted=spotter.spot(audio))

    def _started(self, member: Member) -> Recognition:
        self._meter.begun()
        asked = self._question
        return member.recognizer.start(
            asked.phrases, self._engines.rate, asked.max_nbest, wide=self._wide
        )

    def _ended(self, recognition: Recognition) -> RecognitionResult:
        found, most = recognition.final(), self._question.max_nbest
        return RecognitionResult(found, reach=reach_of(found, recognition.reach, most))

    def _fillers_of(self, member: Member) -> FillerPass:
        self._meter.begun()
        return FillerPass(member, self._question.phrases, self._engines.rate)

    @property
    def _short(self) -> bool:
        return self._within(self._engines.parameters.longest_wide_ms)

    def _within(self, ms: int) -> bool:
        return len(self._said) * 1000 <= self._engines.rate * ms


def _retrieved(done: asyncio.Future[Any]) -> None:
    """Ignore a fault that nobody waits for: the utterance continued, or was discarded."""
    if not done.cancelled():
        done.exception()
