"""Start and end of speech, counted in audio milliseconds; knows how complete the entry is.

The rule: a complete entry is answered once the caller is silent for ``complete_timeout`` (80 ms,
``endpoint_delay`` has the rest) and the words are unchanged for 100 ms; an incomplete one waits
``incomplete_timeout`` (2.5 s), so that groups of digits with pauses between them are never cut.

Speech is what the detector says; on a quiet line it needs to be less sure of loud sound. Silence is
what it says, too, but for sound as loud as speech right behind it (a word that the detector, which
lags, does not hear yet); or a level that stays 10 dB under the caller's own peak
while the words stand still (steady noise that the detector takes for speech). Words can only come
from the sound up to 350 ms after the last speech: ``listening`` says when the recognizer is to be
fed, so that later noise cannot add a digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from bot.grammar.match_result import Answer
from bot.hearing.observation import Observation
from bot.types import Properties


@dataclass(frozen=True, slots=True)
class EndpointerParameters:
    """What is speech, and what is silence. Probabilities are the detector's, from 0 to 1.

    It has many attributes because they are fitted together: none has a good value without the
    others.
    """

    on: float = 0.5
    """Probability from which speech begins."""
    off: float = 0.35
    """Probability under which it ends; between both it is what it was before."""
    loud_db: float = 15.0
    """Sound is loud that stands so far over the noise, dB. The detector does not know what a line
    sounds like, and hardly fires at a short word (decision 75)."""
    quiet_line_db: float = -55.0
    """A line is quiet on which the noise is lower than this, dBFS."""
    loud_on: float = 0.1
    """Probability from which loud sound on a quiet line is speech."""
    loud_off: float = 0.07
    """Probability under which that speech ends."""
    stable_ms: int = 100
    """How long the words must be unchanged at the end."""
    late_gate_ms: int = 350
    """For so long after speech the recognizers are fed: words come from no later sound."""
    drop_db: float = 10.0
    """How far under the caller's peak, dB, a steady level is taken for silence."""
    drop_ms: int = 400
    """How long it must have stayed there."""
    drop_stable_ms: int = 200
    """How long the words must have been unchanged by then."""
    voiced_db: float = 25.0
    """How far under the caller's peak, dB, sound may belong to the last word."""
    over_noise_db: float = 6.0
    """How far over the noise, dB, it must stand then: the detector itself lags 110 ms."""
    unheard_ms: int = 300
    """For so long after speech, sound as loud as speech is no silence, whatever the detector
    says."""
    no_sense_ms: int = 2_500
    """Silence after words that mean nothing here, at most: nothing that could follow helps, but
    one who pauses inside a number may have been misheard in its first half."""


FITTED = EndpointerParameters()


def silence_needed_ms(
    answer: Answer, properties: Properties, no_sense_ms: int = FITTED.no_sense_ms
) -> int:
    """The one table of speech time-outs (VoiceXML 2.1 section 6.3.2), by the grammar's answer."""
    return {
        Answer.MAX: properties.complete_timeout_ms,
        Answer.MATCH: properties.incomplete_timeout_ms,
        Answer.POTENTIAL: properties.incomplete_timeout_ms,
        Answer.NO: min(no_sense_ms, properties.incomplete_timeout_ms),
    }[answer]


class End(Enum):
    """Why an utterance is over."""

    COMPLETE = auto()
    INCOMPLETE = auto()
    NO_SENSE = auto()
    TOO_LONG = auto()


_END = {
    Answer.MAX: End.COMPLETE,
    Answer.MATCH: End.INCOMPLETE,
    Answer.POTENTIAL: End.INCOMPLETE,
    Answer.NO: End.NO_SENSE,
}


class Endpointer:
    """One utterance; the caller of ``observe`` parses the partial and passes the answer.

    It has many attributes because start, end, loudness, and words of one utterance are each
    followed piece by piece, and the end depends on all of them.
    """

    def __init__(self, properties: Properties, parameters: EndpointerParameters = FITTED) -> None:
        self._properties = properties
        self._parameters = parameters
        self.speech_start_ms: int | None = None
        self.last_speech_ms: int | None = None
        self.speech_ms = 0
        self.words_since_ms: int | None = None
        self._speaking = False
        self._partial: tuple[str, ...] = ()
        self._changed_ms = 0
        self.peak_db = -200.0
        self.noise_db = 0.0
        self.voiced_ms: int | None = None
        self._loud_ms = 0
        self._sounding_ms = 0
        self._at_ms = 0
        self._probed: tuple[str, ...] | None = None

    @property
    def started(self) -> bool:
        """Whether there was speech."""
        return self.speech_start_ms is not None

    @property
    def speech_end_ms(self) -> int | None:
        """Where the last word ended, by level within what the detector took for speech."""
        return self.last_speech_ms if self.voiced_ms is None else self.voiced_ms

    @property
    def silent_ms(self) -> int:
        """How long the caller has been silent by now."""
        return self._at_ms - self._sounding_ms

    @property
    def listening(self) -> bool:
        """Whether the recognizer is to hear what comes next."""
        if self.last_speech_ms is None:
            return False
        return self._speaking or self._at_ms - self.last_speech_ms < self._parameters.late_gate_ms

    @property
    def word_held_ms(self) -> int:
        """How long there have been words without a break."""
        return 0 if self.words_since_ms is None else self._at_ms - self.words_since_ms

    def pauses(self, answer: Answer) -> bool:
        """Whether now is the time to ask for the recognizer's final word: once in every silence
        of ``complete_timeout``, and again when later words make the entry complete."""
        if not self.started or self.silent_ms < self._properties.complete_timeout_ms:
            self._probed = None
            return False
        again = answer is Answer.MAX and self._probed != self._partial
        first = self._probed is None
        if first or again:
            self._probed = self._partial
        return first or again

    def lulls(self, seen: Observation, *, complete: bool) -> bool:
        """Whether this piece may be silence: the detector says so, or, sooner and where the entry
        may be complete, a level as low as the line's noise."""
        if not self.started:
            return False
        by = self._parameters
        low_db = min(self.peak_db - by.voiced_db, seen.noise_db + by.over_noise_db)
        return self.silent_ms > 0 or (complete and seen.level_db <= low_db)

    def observe(self, seen: Observation, answer: Answer) -> End | None:
        """Take one piece of audio; the reason when the utterance is over with it."""
        self._at_ms = seen.at_ms
        self._follow_speech(seen)
        self._follow_words(seen)
        if self.speech_start_ms is None or self.last_speech_ms is None:
            return None
        if seen.at_ms - self.speech_start_ms >= self._properties.max_speech_timeout_ms:
            return End.TOO_LONG
        if seen.at_ms - self._changed_ms < self._parameters.stable_ms:
            return None
        needed = silence_needed_ms(answer, self._properties, self._parameters.no_sense_ms)
        quiet_ms = max(self.silent_ms, self._dropped_ms())
        return _END[answer] if quiet_ms >= needed else None

    def _follow_speech(self, seen: Observation) -> None:
        self._speaking = seen.probability >= self._threshold(seen)
        if not self._speaking:
            if self._may_be_word(seen):
                self._sounding_ms = seen.at_ms
            return
        if self.speech_start_ms is None:
            self.speech_start_ms = seen.at_ms - seen.duration_ms
            self.noise_db = seen.noise_db
        by = self._parameters
        if self.silent_ms >= by.drop_ms:  # speech after a silence is the caller, however quiet
            self._loud_ms = seen.at_ms
        self.last_speech_ms = self._sounding_ms = seen.at_ms
        self.speech_ms += seen.duration_ms
        self.peak_db = max(self.peak_db, seen.level_db)
        if seen.level_db > self.peak_db - by.drop_db:
            self._loud_ms = seen.at_ms
        if self._voiced(seen):
            self.voiced_ms = seen.at_ms

    def _threshold(self, seen: Observation) -> float:
        by = self._parameters
        if seen.noise_db < by.quiet_line_db and seen.level_db >= seen.noise_db + by.loud_db:
            return by.loud_off if self._speaking else by.loud_on
        return by.off if self._speaking else by.on

    def _voiced(self, seen: Observation) -> bool:
        by = self._parameters
        return seen.level_db > max(self.peak_db - by.voiced_db, self.noise_db + by.over_noise_db)

    def _may_be_word(self, seen: Observation) -> bool:
        """Whether a word sounds that the detector, which lags, does not take for speech yet."""
        unheard_ms = self._parameters.unheard_ms
        if self.last_speech_ms is None or seen.at_ms - self.last_speech_ms > unheard_ms:
            return False
        return self._voiced(seen)

    def _follow_words(self, seen: Observation) -> None:
        if seen.partial != self._partial:
            self._partial, self._changed_ms = seen.partial, seen.at_ms
        if not seen.partial:
            self.words_since_ms = None
        elif self.words_since_ms is None:
            self.words_since_ms = seen.at_ms

    def _dropped_ms(self) -> int:
        """Silence by level alone: counts once it has lasted and the words stand still."""
        by, dropped_ms = self._parameters, self._at_ms - self._loud_ms
        stands = self._at_ms - self._changed_ms >= by.drop_stable_ms
        return dropped_ms if dropped_ms >= by.drop_ms and stands and self._partial else 0
