"""What an engine takes: whole samples, at the rate that it was started for."""

from __future__ import annotations

from bot.audio.files import Samples, to_samples
from bot.errors import RecognitionError
from bot.types import AudioFrame


def samples_at(rate: int, frame: AudioFrame) -> Samples:
    """The samples of a frame. Raises RecognitionError where the frame is of another rate."""
    if len(frame.pcm) % 2:
        raise RecognitionError(f"{len(frame.pcm)} bytes are no whole 16-bit samples")
    if frame.rate != rate:
        raise RecognitionError(f"an engine for {rate} Hz was given audio at {frame.rate} Hz")
    return to_samples(frame.pcm)
