"""Detects start and end of speech in audio milliseconds, given how complete the entry is.

A complete entry is answered once the caller is silent for ``complete_timeout`` (80 ms, adjusted by
``endpoint_delay``) and the words are unchanged for 100 ms; an incomplete one waits
``incomplete_timeout`` (2.5 s), so that pauses between groups of digits never cut it off.

Speech is what the detector reports; on a quiet line, loud sound needs a lower probability. Silence
is what the detector reports, except for sound as loud as speech right after it (a word that the
lagging detector does not report yet); or a level that stays 10 dB below the caller's own peak while
the words do not change (steady noise that the detector takes for speech). Words can only come from
sound up to 350 ms after the last speech: ``listening`` tells when the recognizer gets audio, so
that later noise cannot add a digit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from bot.grammar.match_result import Answer
from bot.hearing.observation import Observation
from bot.types import Properties


@dataclass(frozen=True, slots=True)
class EndpointerParameters:
    """Thresholds of speech and silence. Probabilities are the detector's, from 0 to 1.

    It has many attributes because they are fitted together: none has a good value without the
    others.
    """

    on: float = 0.5
    """Probability from which speech begins."""
    off: float = 0.35
    """Probability below which it ends; in between, the state does not change."""
    loud_db: float = 15.0
    """Sound this far over the noise is loud, dB. The detector does not know how a line sounds, and
    hardly responds to a short word (decision 75).
    """
    quiet_line_db: float = -55.0
    """Noise below which a line is quiet, dBFS."""
    loud_on: float = 0.1
    """Probability from which loud sound on a quiet line is speech."""
    loud_off: float = 0.07
    """Probability below which that speech ends."""
    stable_ms: int = 100
    """Time for which the words must be unchanged at the end."""
    late_gate_ms: int = 350
    """Time after speech in which the recognizers get audio: no words come from later sound."""
    drop_db: float = 10.0
    """A steady level this far below the caller's peak, dB, counts as silence."""
    drop_ms: int = 400
    """Time for which it must have been that low."""
    drop_stable_ms: int = 200
    """Time for which the words must have been unchanged by then."""
    voiced_db: float = 25.0
    """Sound down to this far below the caller's peak, dB, may belong to the last word."""
    over_noise_db: float = 6.0
    """Least level of such sound over the noise, dB; the detector itself lags 110 ms."""
    unheard_ms: int = 300
    """Time after speech in which sound as loud as speech is not silence, whatever the detector
    reports.
    """
    no_sense_ms: int = 2_500
    """Longest silence after words without a meaning: no continuation helps them, but the first half
    of a number with a pause may have been misheard.
    """


FITTED = EndpointerParameters()


def silence_needed_ms(
    answer: Answer, properties: Properties, no_sense_ms: int = FITTED.no_sense_ms
) -> int:
    """The table of speech time-outs (VoiceXML 2.1 section 6.3.2), by the grammar's answer."""
    return {
        Answer.MAX: properties.complete_timeout_ms,
        Answer.MATCH: properties.incomplete_timeout_ms,
        Answer.POTENTIAL: properties.incomplete_timeout_ms,
        Answer.NO: min(no_sense_ms, properties.incomplete_timeout_ms),
    }[answer]


class End(Enum):
    """Reasons for the end of an utterance."""

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
    """Tracks one utterance; the caller of ``observe`` parses the partial and passes the answer.

    It has many attributes because the start, end, loudness, and words of an utterance are each
    tracked piece by piece, and its end depends on all of them.
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
        """True if there was speech."""
        return self.speech_start_ms is not None

    @property
    def speech_end_ms(self) -> int | None:
        """Time at which the last word ended, by its level within the detected speech."""
        return self.last_speech_ms if self.voiced_ms is None else self.voiced_ms

    @property
    def silent_ms(self) -> int:
        """Duration of the caller's silence so far."""
        return self._at_ms - self._sounding_ms

    @property
    def listening(self) -> bool:
        """True if the recognizer needs the next audio."""
        if self.last_speech_ms is None:
            return False
        return self._speaking or self._at_ms - self.last_speech_ms < self._parameters.late_gate_ms

    @property
    def word_held_ms(self) -> int:
        """Time for which there have been words without a break."""
        return 0 if self.words_since_ms is None else self._at_ms - self.words_since_ms

    def pauses(self, answer: Answer) -> bool:
        """True if the recognizer's final result is needed now: once per silence of
        ``complete_timeout``, and again when later words make the entry complete.
        """
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
        """Process one piece of audio; return the reason if it ends the utterance."""
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
        """Return True if a word is sounding that the lagging detector does not report as speech
        yet.
        """
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
        """Return True for silence by level alone, once it has lasted and the words are
        unchanged.
        """
        by, dropped_ms = self._parameters, self._at_ms - self._loud_ms
        stands = self._at_ms - self._changed_ms >= by.drop_stable_ms
        return dropped_ms if dropped_ms >= by.drop_ms and stands and self._partial else 0
