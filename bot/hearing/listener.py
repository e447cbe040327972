"""One call's hearing: detector, level and recogniser over the same audio.

Audio that the recogniser is not to hear waits in a short buffer, so that the first sounds of a
word, which the detector needs before it fires, are heard when it does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from bot.audio.files import level_db, to_pcm, to_samples
from bot.audio.gain import DetectorGain, UtteranceGain
from bot.audio.noise_floor import NoiseFloor
from bot.hearing.confidence import Asked, Rival
from bot.hearing.ensemble import Ensemble, Member
from bot.hearing.filler_pass import AmongFillers
from bot.hearing.model_fusion import Heard, added, reach_of
from bot.hearing.observation import Observation
from bot.interfaces import Recognition, SpeechDetector, Spotter, Workers
from bot.types import AudioFrame, Hypothesis

PRE_ROLL_MS = 400
"""Audio before the detector fires that the recogniser hears, too."""

LONGEST_WIDE_MS = 6_000
"""More audio than that is heard again without looking far, and by one model: in babble the work
grows without end."""

PIECE_MS = 40
"""Least audio per hop: the reply comes as fast as with 20 ms, 10 ms sooner than with 60."""


class Listener:
    """Kept for a whole call: noise floor and the caller's level carry over between collects."""

    def __init__(
        self, ensemble: Ensemble, detector: SpeechDetector, workers: Workers, rate: int
    ) -> None:
        self._ensemble = ensemble
        self._workers = workers
        self._rate = rate
        self._detection = detector.start(rate)
        self._noise = NoiseFloor()
        self._to_detector = DetectorGain(rate)
        self._to_recognizer = UtteranceGain(rate)
        self.caller_db: float | None = None
        self._phrases: tuple[str, ...] = ()
        self._max_nbest = 1
        self._may_be_wide = False
        self._wide, self._short = False, True
        self._recognition: Recognition | None = None
        self._reach = 0.0
        self._partial: tuple[str, ...] = ()
        self._final: tuple[Hypothesis, ...] | None = None
        self._rival: Rival | None = None
        self._among: AmongFillers | None = None
        self._both: Heard | None = None
        self._said, self._heard = bytearray(), bytearray()
        self._unheard: deque[bytes] = deque()

    def begin(self, phrases: Sequence[str], max_nbest: int, *, wide: bool = False) -> None:
        """Prepare for a new entry of these phrases; ``wide`` as for Recognizer.start."""
        self._phrases = tuple(phrases)
        self._max_nbest = max_nbest
        self._may_be_wide = wide
        self._unheard.clear()
        self._to_detector.forget()
        self.discard()

    async def hear(
        self, pcm: bytes, at_ms: int, *, listening: bool, answer_near: bool = False
    ) -> Observation:
        """Take the next piece, which ends at ``at_ms``. Raises RecognitionError.

        Where an answer is near, ``rival`` is got ready, so that it takes no time when it is.
        The detector alone takes less time than handing its work to another thread (decision 44).
        """
        seen = self._detect(pcm, at_ms)
        if not listening:
            self._forget_old()
            return seen
        self._partial = await self._workers.run(lambda: self._recognise(answer_near))
        return replace(seen, partial=self._partial)

    async def final(self) -> tuple[Hypothesis, ...]:
        """Alternatives of all that the recogniser heard, best first. Raises RecognitionError.

        An utterance that goes on after this is decoded anew from its beginning, which costs less
        than the time that a look at the end of every pause wins.
        """
        if self._final is None:
            recognition, self._recognition = self._recognition, None
            self._final = () if recognition is None else await self._workers.run(recognition.final)
        return self._final

    async def rival(self) -> Rival | None:
        """What the same audio is where words of no grammar may be in it; None where the model has
        no such words, or nothing was heard. Raises RecognitionError."""
        if not self._final or not self._ensemble.first.fillers:
            return None
        if self._rival is None:
            self._rival = await self._workers.run(self._among_fillers)
        return self._rival

    async def both(self, asked: Asked) -> Heard | None:
        """The same with what the second model makes of the same audio, and the words that are
        spotted in it if that is asked; None where there is no second one, it hears nothing, or so
        much was said that it would take long. Raises RecognitionError."""
        final, rival, second = self._final, await self.rival(), self._ensemble.second
        if not final or rival is None or second is None or not self._short:
            return None
        if self._both is None:
            first = Heard(final, rival)
            spotter = self._ensemble.spotter if asked.spotter else None
            self._both = await self._workers.run(lambda: self._with(first, second, spotter))
        return self._both

    def discard(self) -> None:
        """Forget what the recogniser heard."""
        self._recognition = None
        self._final, self._rival, self._both, self._among = None, None, None, None
        self._partial = ()
        self._said.clear()
        self._heard.clear()

    def deaf(self) -> None:
        """Forget the audio that nobody listened to: it was our own prompt."""
        self._unheard.clear()

    def caller_spoke(self, level_db: float) -> None:
        """Follow the caller's own level, which quieter voices must come near to barge in."""
        before = self.caller_db
        self.caller_db = level_db if before is None else (before + level_db) / 2

    def _detect(self, pcm: bytes, at_ms: int) -> Observation:
        level = level_db(to_samples(pcm))
        duration = AudioFrame(pcm, self._rate, 0).duration_ms
        noise = self._noise.level_db
        self._noise.follow(level, duration)
        levelled = self._to_detector.applied(to_samples(pcm), self._noise.level_db)
        probability = self._detection.accept(to_pcm(levelled))
        self._unheard.append(pcm)
        return Observation(at_ms, duration, probability, level, noise, self._partial)

    def _recognise(self, answer_near: bool) -> tuple[str, ...]:
        waiting = self._waiting()
        self._final, self._rival, self._both = None, None, None
        self._short = len(self._said) <= self._rate * LONGEST_WIDE_MS // 500
        if self._wide and not self._short:
            self._recognition = None
        self._wide = self._may_be_wide and self._short
        if self._recognition is None:
            self._recognition = self._ensemble.first.recognizer.start(
                self._phrases, self._rate, self._max_nbest, wide=self._wide
            )
            self._reach = self._recognition.reach
            waiting = bytes(self._said)
            self._heard.clear()
        levelled = to_pcm(self._to_recognizer.applied(to_samples(waiting)))
        self._heard += levelled
        words = self._recognition.accept(levelled)
        if answer_near and self._ensemble.first.fillers:
            self._keep_up()
        return words

    def _waiting(self) -> bytes:
        """The next of the utterance; where it is much louder than what was before, all of it is
        heard anew."""
        if not self._said:
            self._to_recognizer.begin(self._noise.level_db)
        waiting = b"".join(self._unheard)
        self._unheard.clear()
        self._said += waiting
        if self._to_recognizer.too_loud(to_samples(waiting)):
            self._recognition, self._among = None, None
        return waiting

    def _keep_up(self) -> AmongFillers:
        if self._among is None:
            self._among = AmongFillers(self._ensemble.first, self._phrases, self._rate)
        self._among.follow(self._heard)
        return self._among

    def _among_fillers(self) -> Rival | None:
        among, self._among = self._keep_up(), None
        rival = among.rival()
        return None if rival is None else self._looked(rival, self._final or (), self._reach)

    def _with(self, first: Heard, second: Member, spotter: Spotter | None) -> Heard | None:
        """All at once: it is there, and nobody has to wait for it where the first is sure."""
        utterance = second.recognizer.start(
            self._phrases, self._rate, self._max_nbest, wide=self._wide
        )
        utterance.accept(bytes(self._heard))
        found = utterance.final()
        among = AmongFillers(second, self._phrases, self._rate)
        among.follow(self._heard)
        rival = among.rival()
        if not found or rival is None:
            return None
        rival = self._looked(rival, found, utterance.reach)
        both = added(first, Heard(found, rival), self._max_nbest)
        if spotter is None:
            return both
        spotted = spotter.spot(bytes(self._heard), self._rate)
        return replace(both, rival=replace(both.rival, spotted=spotted))

    def _looked(self, rival: Rival, found: Sequence[Hypothesis], beam: float) -> Rival:
        return replace(rival, reach=reach_of(found, beam, self._max_nbest))

    def _forget_old(self) -> None:
        most = self._rate * PRE_ROLL_MS // 1000 * 2
        held = sum(len(piece) for piece in self._unheard)
        while held - len(self._unheard[0]) >= most:
            held -= len(self._unheard.popleft())
