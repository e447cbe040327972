"""Fakes behind the seams: speech whose words can be read off its samples.

A word is 300 ms of two sample values in turn, equally loud for all words, whose ratio tells which
one it is: so the fake recognizer needs no model, hears what is said when it is said, and the fake
detector knows speech from silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import numpy as np

from bot.errors import SynthesisError
from bot.hearing.ensemble import Ensemble, Member
from bot.types import AudioFrame, Hypothesis, Segment, Silence

RATE = 8_000
WORD_MS = 300
GAP_MS = 60
_LOUDNESS = 2_000
_FIRST_RATIO, _RATIO_STEP = 1.5, 0.02
_RUN = 8
"""So many samples of one value and then of the other."""
_words: list[str] = []


def spoken(utterance: str, rate: int = RATE) -> bytes:
    """Audio of an utterance, as the fakes understand it."""
    pieces: list[bytes] = []
    for word in utterance.split():
        if word not in _words:
            _words.append(word)
        ratio = _FIRST_RATIO + _RATIO_STEP * _words.index(word)
        pieces.append(_in_turn(ratio, WORD_MS, rate) + _in_turn(1, GAP_MS, rate))
    return b"".join(pieces)


def _in_turn(ratio: float, ms: int, rate: int) -> bytes:
    values = np.repeat(_LOUDNESS * np.array([1, ratio]) / np.hypot(1, ratio), _RUN).round()
    return np.resize(values, rate * ms // 1000).astype("<i2").tobytes()


NARROW_REACH, WIDE_REACH = 2.0, 4.0
"""How far the fakes look for alternatives: as far as the engines do."""


class FakeRecognition:
    """Reads words off the ratios of sample values."""

    def __init__(
        self, alternatives: Sequence[tuple[str, str, float]], *, wide: bool = False
    ) -> None:
        self.reach = WIDE_REACH if wide else NARROW_REACH
        self._alternatives = alternatives
        self._heard: list[str] = []
        self._last = -1

    def accept(self, frame: AudioFrame) -> tuple[str, ...]:
        values = np.frombuffer(frame.pcm, "<i2")[::_RUN].astype(float)
        for first, second in zip(values[::2], values[1::2], strict=False):
            ratio = second / first if first else 0.0
            word = round((ratio - _FIRST_RATIO) / _RATIO_STEP)
            if word != self._last and word >= 0:
                self._heard += _words[word : word + 1]
            self._last = word
        return tuple(self._heard)

    def final(self) -> tuple[Hypothesis, ...]:
        if not self._heard:
            return ()
        said = " ".join(self._heard)
        nbest = [Hypothesis(tuple(self._heard), 0.0)]
        for heard, instead, likelihood in self._alternatives:
            if heard == said:
                nbest.append(Hypothesis(tuple(instead.split()), likelihood))
        return tuple(sorted(nbest, key=lambda one: -one.log_likelihood))


class FakeRecognizer:
    """Knows every word; ``alternatives`` are (said, also heard, log-likelihood beside 0)."""

    def __init__(self, alternatives: Sequence[tuple[str, str, float]] = ()) -> None:
        self._alternatives = alternatives

    def missing(self, words: Iterable[str]) -> tuple[str, ...]:
        return ()

    def start(
        self, phrases: Sequence[str], rate: int, max_nbest: int, *, wide: bool = False
    ) -> FakeRecognition:
        return FakeRecognition(self._alternatives, wide=wide)


def alone(recognizer: FakeRecognizer | None = None, fillers: tuple[str, ...] = ()) -> Ensemble:
    """A recognizer with nothing beside it."""
    return Ensemble(Member(recognizer or FakeRecognizer(), fillers))


class FakeDetection:
    def accept(self, frame: AudioFrame) -> float:
        return 1.0 if np.frombuffer(frame.pcm, "<i2").any() else 0.0

    def defer(self, frame: AudioFrame) -> None:
        """Nothing is remembered."""


class FakeDetector:
    def start(self, rate: int) -> FakeDetection:
        return FakeDetection()


class FakeSynthesizer:
    """Silence of 100 ms a word, or ``loud`` samples; fails on texts that hold ``fails_on``."""

    def __init__(self, fails_on: str | None = None, *, loud: bool = False) -> None:
        self._fails_on = fails_on
        self._sample = b"\1\0" if loud else b"\0\0"
        self.said: list[str] = []

    async def speak(
        self, segments: Sequence[Segment], rate: int, rate_percent: int = 100
    ) -> Sequence[bytes]:
        return [self._one(segment, rate, rate_percent) for segment in segments]

    def _one(self, segment: Segment, rate: int, rate_percent: int) -> bytes:
        if isinstance(segment, Silence):
            return bytes(rate * segment.ms // 1000 * 2)
        if self._fails_on is not None and self._fails_on in segment.text:
            raise SynthesisError("no voice today")
        self.said.append(segment.text)
        return self._sample * (rate * len(segment.text.split()) * 10 // rate_percent)

    @property
    def text(self) -> str:
        """Everything that was said."""
        return " ".join(self.said)


class FakeTimer:
    """Time that stands still; a wait ends at once when ``hurried``, else never."""

    def __init__(self, hurried: bool = False) -> None:
        self._hurried = hurried

    def now_ms(self) -> int:
        return 0

    async def sleep(self, ms: int) -> None:
        if not self._hurried:
            await asyncio.get_running_loop().create_future()
