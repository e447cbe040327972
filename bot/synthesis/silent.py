"""No voice, for lines that carry text: every segment is an empty run."""

from __future__ import annotations

from collections.abc import Sequence

from bot.types import Segment


class NullSynthesizer:
    """Synthesizer that makes no audio."""

    async def speak(
        self, segments: Sequence[Segment], rate: int, rate_percent: int = 100
    ) -> Sequence[bytes]:
        """One empty run per segment."""
        return [b""] * len(segments)

    async def close(self) -> None:
        """Nothing is held."""
