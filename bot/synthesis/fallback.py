"""A fault in synthesis never ends a call: lost sentences are replaced by one apology.

The apology is a recording shipped with the program, so it needs no engine, cache, or writable disk.
It says: "I am sorry, I cannot say that just now. To speak with a representative, press zero."
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from bot.audio.files import read_audio, resample, to_pcm
from bot.errors import SynthesisError
from bot.interfaces import Synthesizer
from bot.types import Say, Segment

APOLOGY = Path(__file__).parent / "recordings" / "apology.flac"

_MS_PER_CHARACTER = 60
"""Approximate duration of a spoken character at 155 words per minute."""


class ResilientSynthesizer:
    """One call's synthesizer: never raises SynthesisError.

    The first lost sentence becomes the apology. Those lost right after it become silence of about
    their length, so that nobody hears the apology ten times in a row. The next sentence that
    succeeds resets this.
    """

    def __init__(
        self, inner: Synthesizer, on_fault: Callable[[SynthesisError], None] = lambda _: None
    ) -> None:
        self._inner = inner
        self._on_fault = on_fault
        self._apologized = False

    async def speak(
        self, segments: Sequence[Segment], rate: int, rate_percent: int = 100
    ) -> Sequence[bytes]:
        """One 16-bit mono PCM run per segment at ``rate`` Hz."""
        return [await self._segment(segment, rate, rate_percent) for segment in segments]

    async def _segment(self, segment: Segment, rate: int, rate_percent: int) -> bytes:
        try:
            (pcm,) = await self._inner.speak((segment,), rate, rate_percent)
        except SynthesisError as fault:
            self._on_fault(fault)
            return self._instead(segment, rate)
        if isinstance(segment, Say):
            self._apologized = False
        return pcm

    def _instead(self, segment: Segment, rate: int) -> bytes:
        if not self._apologized:
            self._apologized = True
            return apology(rate)
        ms = len(segment.text) * _MS_PER_CHARACTER if isinstance(segment, Say) else segment.ms
        return bytes(2 * (rate * ms // 1000))


@cache
def apology(rate: int) -> bytes:
    """The recorded apology at a line's rate."""
    audio = read_audio(APOLOGY)
    return to_pcm(resample(audio.samples, audio.rate, rate))
