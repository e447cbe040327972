"""Records a call, caller left and reply right; secrets and key tones never enter the recording.

While an entry is secret, the caller's channel is silent, from 300 ms before it to 300 ms after, at
once and in memory, even for audio that arrives late: a spoken secret cannot be written at any
moment (S3). A key's tone is never kept, whatever the question: callers who know the service key a
secret before it asks. At the end of a call, caller audio is kept only for accepted answers, and
read-back numbers only if they were proven. About 2 MB a minute at 8 kHz.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.audio.files import Samples, to_samples, write_wav
from bot.tones.keys_and_tty import FrameTones
from bot.types import AudioFrame

AROUND_MS = 300
"""Silence on both sides of a secret entry."""
TONE_MARGIN_MS = 20
"""Silence before the first block that was a tone."""


class CallRecorder:
    """Collects both sides at one rate. ``muted`` are the secret spans (start, end) in ms."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._caller = _Channel()
        self._reply = _Channel()
        self._secret_from_ms: int | None = None
        self._read_back: list[tuple[int, int, str]] = []
        self.muted: list[tuple[int, int]] = []

    def heard(self, frame: AudioFrame, found: FrameTones) -> None:
        """Add caller audio at its time, without the tones found in it."""
        self._caller.put(self._at(frame.start_ms), to_samples(frame.pcm))
        for tone in found.keys:
            self._mute(tone.start_ms - TONE_MARGIN_MS, frame.end_ms)
        if found.sounding:
            self._mute(frame.start_ms, frame.end_ms)
        for start_ms, end_ms in self.muted:
            self._mute(start_ms, end_ms)
        if self._secret_from_ms is not None:
            self._caller.clear(self._at(self._secret_from_ms))

    def sent(self, frame: AudioFrame, now_ms: int, number: str = "") -> None:
        """Add reply audio: it plays now, or after the reply that is still playing.

        ``number`` is the caller's number if the audio reads it back.
        """
        start = max(self._at(now_ms), self._reply.end)
        self._reply.put(start, to_samples(frame.pcm))
        if number:
            self._read_back.append((start, self._reply.end, number))

    def flushed(self, now_ms: int) -> None:
        """Drop audio that was not played yet."""
        at = self._at(now_ms)
        self._reply.cut(at)
        self._read_back = [(start, min(stop, at), of) for start, stop, of in self._read_back]

    def settle(self, is_proven: Callable[[str], bool]) -> None:
        """Silence replies that read back a number that was not proven."""
        for start, stop, number in self._read_back:
            if start < stop and not is_proven(number):
                self._reply.clear(start, stop)
        self._read_back.clear()

    def begin_secret(self, at_ms: int) -> None:
        """Keep no caller audio from now on, or from AROUND_MS before."""
        from_ms = max(0, at_ms - AROUND_MS)
        if self._secret_from_ms is not None:
            from_ms = min(from_ms, self._secret_from_ms)
        self._secret_from_ms = from_ms
        self._caller.clear(self._at(from_ms))

    def end_secret(self, at_ms: int) -> None:
        """Note the end of the secret entry; keep caller audio again AROUND_MS from now."""
        if self._secret_from_ms is None:
            return
        self.muted.append((self._secret_from_ms, at_ms + AROUND_MS))
        self._secret_from_ms = None

    def forget(self, from_ms: int, to_ms: int) -> None:
        """Silence a span afterward, since its contents are unknown."""
        self.muted.append((max(0, from_ms), to_ms))
        self._mute(from_ms, to_ms)

    def keep_only(self, spans: Sequence[tuple[int, int]]) -> None:
        """Silence the caller except in these spans (ms), with AROUND_MS before and after each:
        anything not accepted as an answer may be anything.
        """
        from_ms = 0
        for start_ms, end_ms in sorted(spans):
            self._mute(from_ms, max(from_ms, start_ms - AROUND_MS))
            from_ms = max(from_ms, end_ms + AROUND_MS)
        self._caller.clear(self._at(from_ms))

    def write(self, path: Path) -> None:
        """Write a stereo WAV file as long as the caller's audio. Raises AudioError."""
        end = self._caller.end or self._reply.end
        write_wav(path, np.stack([self._caller.until(end), self._reply.until(end)], 1), self._rate)

    def _mute(self, start_ms: int, end_ms: int) -> None:
        self._caller.clear(self._at(start_ms), self._at(end_ms) + 1)

    def _at(self, ms: int) -> int:
        return max(0, ms) * self._rate // 1000


class _Channel:
    """Return the samples in their places, with silence in the gaps. ``end`` is exclusive."""

    def __init__(self) -> None:
        self._samples: Samples = np.zeros(1 << 16, np.int16)
        self.end = 0

    def put(self, start: int, samples: Samples) -> None:
        stop = start + len(samples)
        if stop > len(self._samples):
            more = max(stop, 2 * len(self._samples)) - len(self._samples)
            self._samples = np.concatenate([self._samples, np.zeros(more, np.int16)])
        self._samples[start:stop] = samples
        self.end = max(self.end, stop)

    def clear(self, start: int, stop: int | None = None) -> None:
        self._samples[start : self.end if stop is None else stop] = 0

    def cut(self, start: int) -> None:
        self.clear(start)
        self.end = min(self.end, start)

    def until(self, end: int) -> Samples:
        return np.pad(self._samples[:end], (0, max(0, end - len(self._samples))))
