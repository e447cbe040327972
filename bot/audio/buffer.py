"""An audio buffer to which frames are appended without gaps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.types import AudioFrame


class AudioBuffer:
    """Frames of one rate, as one: it ends where the last of them ends."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._pcm = bytearray()
        self._end_ms = 0

    def __len__(self) -> int:
        """In samples."""
        return len(self._pcm) // 2

    def add(self, frame: AudioFrame) -> None:
        """Append a frame."""
        self._pcm += frame.pcm
        self._end_ms = frame.end_ms

    def clear(self) -> None:
        """Forget all audio."""
        self._pcm.clear()

    def since(self, sample: int) -> AudioFrame:
        """The audio from this sample on."""
        frame = AudioFrame(bytes(self._pcm[2 * sample :]), self._rate, 0)
        return replace(frame, start_ms=self._end_ms - frame.duration_ms)


def joined(frames: Iterable[AudioFrame]) -> AudioFrame:
    """One frame of at least one."""
    first, *others = frames
    whole = AudioBuffer(first.rate)
    for frame in (first, *others):
        whole.add(frame)
    return whole.since(0)
