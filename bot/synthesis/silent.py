"""A synthesizer without a voice, for lines that carry text."""

from __future__ import annotations

from collections.abc import Sequence

from bot.types import Segment


class NullSynthesizer:
    """A synthesizer that makes no audio."""

    async def speak(
        self, segments: Sequence[Segment], rate: int, rate_percent: int = 100
    ) -> Sequence[bytes]:
        """One empty run per segment."""
        return [b""] * len(segments)

    async def close(self) -> None:
        """There is nothing to close."""
