"""One call's hearing: runs the speech detector, level meter, and recognizers on the same audio.

A short buffer holds audio that the recognizers are not listening to. The detector needs the first
sounds of a word before it fires; the recognizers then get them from the buffer.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from bot.audio.buffer import joined
from bot.audio.files import level_db, to_pcm, to_samples
from bot.audio.gain import DetectorGain, GainParameters
from bot.audio.noise_floor import NoiseFloor, NoiseFloorParameters
from bot.hearing.attention import Attention
from bot.hearing.ensemble import Ensemble
from bot.hearing.observation import Observation
from bot.hearing.passes import Engines, Passes, PassParameters, Question
from bot.hearing.result import Needs, RecognitionResult
from bot.interfaces import SpeechDetector, Timer, Workers
from bot.types import AudioFrame


@dataclass(frozen=True, slots=True)
class ListenerParameters:
    """How a call's audio is passed to its engines."""

    pre_roll_ms: int = 400
    """Audio before the detector fires that the recognizers also hear."""
    piece_ms: int = 40
    """Least audio that is processed at a time: the reply comes as fast as with 20 ms, and 10 ms
    sooner than with 60."""


@dataclass(frozen=True, slots=True)
class HearingParameters:
    """All parameters of a listener."""

    listener: ListenerParameters = field(default_factory=ListenerParameters)
    noise: NoiseFloorParameters = field(default_factory=NoiseFloorParameters)
    gain: GainParameters = field(default_factory=GainParameters)
    passes: PassParameters = field(default_factory=PassParameters)


_FITTED = HearingParameters()
EVERYTHING = Attention()


class Listener:
    """Lives for a whole call: noise floor and caller's level carry over between collects.

    It has many attributes because each engine has its own audio waiting for it, whose length is
    counted rather than measured again with each frame.
    """

    def __init__(
        self,
        ensemble: Ensemble,
        detector: SpeechDetector,
        workers: Workers,
        rate: int,
        timer: Timer | None = None,
        parameters: HearingParameters = _FITTED,
        *,
        patient: bool = False,
    ) -> None:
        """``rate`` is in Hz, of all frames; ``timer`` and ``patient`` are as in Engines."""
        self._engines = Engines(
            ensemble, workers, rate, timer, parameters.gain, parameters.passes, patient
        )
        self._detection = detector.start(rate)
        self._noise = NoiseFloor(parameters.noise)
        self._to_detector = DetectorGain(rate, parameters.gain)
        self._piece: list[AudioFrame] = []
        self._piece_bytes = 0
        self._piece_least = rate * parameters.listener.piece_ms // 500
        self._held_most = rate * parameters.listener.pre_roll_ms // 500
        self._held = 0
        self._unheard: deque[AudioFrame] = deque()
        self.caller_db: float | None = None
        self._question = Question()
        self._passes = Passes(self._engines, self._question)
        self._partial: tuple[str, ...] = ()

    def begin(self, question: Question) -> None:
        """Prepare for a new entry."""
        self._question = question
        self._piece.clear()
        self._piece_bytes = 0
        self._forget_unheard()
        self._to_detector.forget()
        self.discard()

    async def hear(
        self, frame: AudioFrame, attention: Attention = EVERYTHING
    ) -> Observation | None:
        """Take the next frame; return None until there is a whole piece. Raises RecognitionError.

        If an answer is near, ``result`` is prepared, so that it takes no time when the answer
        comes. If the level alone rules out speech, the probability is 0, and the detector hears the
        piece later. Running the detector takes less time than handing it to another thread
        (decision 44).
        """
        self._piece.append(frame)
        self._piece_bytes += len(frame.pcm)
        if self._piece_bytes < self._piece_least:
            return None
        piece = joined(self._piece)
        self._piece.clear()
        self._piece_bytes = 0
        seen = self._detect(piece, attention)
        if attention.listening:
            seen = await self._recognized(seen, attention)
        elif not attention.deaf:
            self._forget_old()
        if attention.deaf:
            self._forget_unheard()
        return seen

    def prepare(self, needs: Needs) -> None:
        """Begin the passes that ``result`` will need; more audio makes them void."""
        self._passes.prepare(needs)

    async def result(self, needs: Needs, *, last: bool = False) -> RecognitionResult:
        """Return the recognizers' result for the utterance so far; after the ``last`` one, forget
        the utterance. Raises RecognitionError."""
        found = await self._passes.result(needs)
        if last:
            self.discard()
        return found

    def discard(self) -> None:
        """Forget what the recognizers heard."""
        self._passes = Passes(self._engines, self._question)
        self._partial = ()

    def caller_spoke(self, level_db: float) -> None:
        """Update the caller's level, which other voices must come near to barge in."""
        before = self.caller_db
        self.caller_db = level_db if before is None else (before + level_db) / 2

    def _detect(self, piece: AudioFrame, attention: Attention) -> Observation:
        samples = to_samples(piece.pcm)
        level, noise = level_db(samples), self._noise.level_db
        self._noise.follow(level, piece.duration_ms)
        leveled = self._to_detector.applied(samples, self._noise.level_db)
        audio = AudioFrame(to_pcm(leveled), piece.rate, piece.start_ms)
        probability = 0.0
        if attention.may_be_speech(level, noise):
            probability = self._detection.accept(audio)
        else:
            self._detection.defer(audio)
        self._unheard.append(piece)
        self._held += len(piece.pcm)
        return Observation(
            piece.end_ms, piece.duration_ms, probability, level, noise, self._partial
        )

    async def _recognized(self, seen: Observation, attention: Attention) -> Observation:
        waiting = joined(self._unheard)
        self._forget_unheard()
        self._partial = await self._passes.hear(
            waiting, self._noise.level_db, answer_near=attention.answer_near
        )
        return replace(seen, partial=self._partial)

    def _forget_unheard(self) -> None:
        self._unheard.clear()
        self._held = 0

    def _forget_old(self) -> None:
        while self._held - len(self._unheard[0].pcm) >= self._held_most:
            self._held -= len(self._unheard.popleft().pcm)
