"""The audio of a call, caller left and reply right, in which secret entries never were.

While an entry is secret the caller's channel is silence from 300 ms before it to 300 ms after,
at once and in memory: there is no moment at which the PIN could be written (S3).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bot.audio import Samples, to_samples, write_wav
from bot.types import AudioFrame

AROUND_MS = 300


class CallRecorder:
    """Collects both sides at one rate. ``muted`` are the spans (start, end) in milliseconds."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._caller = np.zeros(0, np.int16)
        self._heard = 0
        self._reply = np.zeros(0, np.int16)
        self._reply_end = 0
        self._secret_from_ms: int | None = None
        self.muted: list[tuple[int, int]] = []

    def heard(self, frame: AudioFrame) -> None:
        """The caller's audio, at its time."""
        start = self._at(frame.start_ms)
        samples = to_samples(frame.pcm)
        self._caller = _room(self._caller, start + len(samples))
        self._caller[start : start + len(samples)] = samples
        self._heard = max(self._heard, start + len(samples))
        for span in self._spans(frame.end_ms):
            self._mute(span)

    def sent(self, frame: AudioFrame, now_ms: int) -> None:
        """Reply audio: it is played now, or behind what is still being played."""
        samples = to_samples(frame.pcm)
        start = max(self._at(now_ms), self._reply_end)
        self._reply = _room(self._reply, start + len(samples))
        self._reply[start : start + len(samples)] = samples
        self._reply_end = start + len(samples)

    def flushed(self, now_ms: int) -> None:
        """The rest of the reply was dropped."""
        now = self._at(now_ms)
        self._reply[now:] = 0
        self._reply_end = min(self._reply_end, now)

    def begin_secret(self, at_ms: int) -> None:
        """What the caller says and keys from now on is kept from nobody's ears but the engine's."""
        self._secret_from_ms = at_ms
        self._mute((at_ms - AROUND_MS, at_ms))

    def end_secret(self, at_ms: int) -> None:
        """The secret entry is over."""
        if self._secret_from_ms is None:
            return
        span = (max(0, self._secret_from_ms - AROUND_MS), at_ms + AROUND_MS)
        self._secret_from_ms = None
        self.muted.append(span)
        self._mute(span)

    def write(self, path: Path) -> None:
        """Write a stereo WAV file."""
        end = max(self._heard, min(self._reply_end, self._heard or self._reply_end))
        both = np.stack([_room(self._caller, end)[:end], _room(self._reply, end)[:end]], axis=1)
        write_wav(path, both, self._rate)

    def _spans(self, end_ms: int) -> list[tuple[int, int]]:
        if self._secret_from_ms is None:
            return self.muted[-1:]
        return [(self._secret_from_ms - AROUND_MS, end_ms)]

    def _mute(self, span: tuple[int, int]) -> None:
        self._caller[self._at(span[0]) : self._at(span[1])] = 0

    def _at(self, ms: int) -> int:
        return max(0, ms) * self._rate // 1000


def _room(samples: Samples, least: int) -> Samples:
    """The samples with at least so many places, doubled so that growth stays cheap."""
    if len(samples) >= least:
        return samples
    return np.concatenate(
        [samples, np.zeros(max(least, 2 * len(samples)) - len(samples), np.int16)]
    )
