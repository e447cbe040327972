"""Checks the audio for an engine: whole samples, at the rate the engine was started with."""

from __future__ import annotations

from bot.errors import RecognitionError
from bot.types import AudioFrame


def check_audio(frame: AudioFrame, rate: int) -> None:
    """Raise RecognitionError if a frame has another rate, or an incomplete sample."""
    if len(frame.pcm) % 2:
        raise RecognitionError(f"16-bit audio needs an even number of bytes, not {len(frame.pcm)}")
    if frame.rate != rate:
        raise RecognitionError(f"an engine for {rate} Hz was given audio at {frame.rate} Hz")
