"""Detect in-band DTMF in streamed audio.

Measured through µ-law (table: benchmarks/tones/run.py): every key at ±1.5 % is found and none at
±3.5 %, no key is doubled by a 20 ms dropout, and hours of speech yield no key.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bot.audio.files import Audio, to_pcm, to_samples
from bot.audio.resampler import FrameResampler
from bot.tones.goertzel import BLOCK, HOP, RATE, blocks_in, keys_of
from bot.types import KEYS, AudioFrame

HITS_TO_START = 3
"""Consecutive blocks with the same key: 32.5 ms of tone. 40 ms always suffice, 23 ms never do."""
EVIDENCE_TO_START = 0.3
"""Their summed evidence. Clean tones have 0.6, tones in noise at 10 dB 0.33, vowels up to 0.27."""
MISSES_TO_END = 7
"""Consecutive blocks without the key. A 20 ms dropout makes at most six, a 40 ms pause more."""


@dataclass(frozen=True, slots=True)
class Tone:
    """One key press. Its ``repr`` omits the key."""

    key: str = field(repr=False)
    start_ms: int
    end_ms: int | None = None
    """None while the tone lasts."""


class ToneDetector:
    """Listens to one line, in frames of 8 kHz.

    Reports each press twice: once detected (33 to 39 ms after it starts, so that keys barge in at
    once) with ``end_ms`` None, and again about 45 ms after it ends, with ``end_ms``.

    A tone must not be recognized as a word. While ``sounding`` is true after accept(frame), pass
    ``silenced(frame)`` to the speech detector and the recognizer. It is true from the first block
    that looks like a tone, so at most one frame of a tone gets through.
    """

    def __init__(self) -> None:
        self._pending = bytes(2 * HOP)
        self._origin_ms: int | None = None
        self._next_block = 0
        self._candidate, self._hits, self._evidence = "", 0, 0.0
        self._tone: Tone | None = None
        self._misses, self._last_hit_ms = 0, 0

    @property
    def sounding(self) -> bool:
        """True while the latest audio is, or looks like, a tone."""
        return self._tone is not None or self._hits > 0

    def accept(self, frame: AudioFrame) -> list[Tone]:
        """Take the next frame; return the tones that started or ended in it."""
        if self._origin_ms is None:
            self._origin_ms = frame.start_ms
        self._pending += frame.pcm
        count = blocks_in(len(self._pending) // 2)
        if count == 0:
            return []
        blocks = keys_of(to_samples(self._pending))
        self._pending = self._pending[2 * count * HOP :]
        if blocks is None:
            return self._pass(count)
        pairs = zip(blocks.keys, blocks.evidence, strict=True)
        return [tone for key, evidence in pairs for tone in self._step(key, evidence)]

    def finish(self) -> list[Tone]:
        """End the stream, and with it a tone that is still sounding."""
        return self._end()

    def _pass(self, count: int) -> list[Tone]:
        """So many blocks without a key."""
        if self._tone is not None:
            return [tone for _ in range(count) for tone in self._step("", 0.0)]
        self._next_block += count
        self._candidate, self._hits, self._evidence = "", 0, 0.0
        return []

    def _step(self, key: str, evidence: float) -> list[Tone]:
        """Count one block for or against the current tone, then toward a new one."""
        self._next_block += 1
        if self._tone is not None and key == self._tone.key:
            self._go_on()
            return []
        self._misses += 1
        if key and key == self._candidate:
            self._hits, self._evidence = self._hits + 1, self._evidence + evidence
        else:
            self._candidate, self._hits, self._evidence = key, int(bool(key)), evidence
        begins = self._hits >= HITS_TO_START and self._evidence >= EVIDENCE_TO_START
        told = self._end() if begins or self._misses >= MISSES_TO_END else []
        if begins and key in KEYS:
            first = (self._next_block - self._hits) * HOP
            self._tone = Tone(key, self._ms(first))
            self._go_on()
            told.append(self._tone)
        return told

    def _go_on(self) -> None:
        self._candidate, self._hits, self._evidence = "", 0, 0.0
        self._misses = 0
        self._last_hit_ms = self._ms((self._next_block - 1) * HOP + BLOCK)

    def _end(self) -> list[Tone]:
        if self._tone is None:
            return []
        ended = replace(self._tone, end_ms=self._last_hit_ms)
        self._tone = None
        return [ended]

    def _ms(self, sample: int) -> int:
        return (self._origin_ms or 0) + sample * 1000 // RATE


def silenced(frame: AudioFrame) -> AudioFrame:
    """The same frame with its samples set to zero."""
    return replace(frame, pcm=bytes(len(frame.pcm)))


def find_tones(audio: Audio) -> list[Tone]:
    """All key presses of a recording, each with its end."""
    whole = AudioFrame(to_pcm(audio.samples), audio.rate, 0)
    detector = ToneDetector()
    told = detector.accept(FrameResampler(audio.rate, RATE).accept(whole)) + detector.finish()
    return [tone for tone in told if tone.end_ms is not None]
