"""An audio buffer to which frames are appended without gaps."""

from __future__ import annotations

from collections.abc import Sequence

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
        return _ending(bytes(self._pcm[2 * sample :]), self._rate, self._end_ms)


def joined(frames: Sequence[AudioFrame]) -> AudioFrame:
    """One frame of at least one."""
    last = frames[-1]
    if len(frames) == 1:
        return last
    return _ending(b"".join([frame.pcm for frame in frames]), last.rate, last.end_ms)


def _ending(pcm: bytes, rate: int, end_ms: int) -> AudioFrame:
    return AudioFrame(pcm, rate, end_ms - len(pcm) * 500 // rate)
