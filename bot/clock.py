"""Real time, read here and nowhere else in the bot."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class RealTimer:
    """Implements bot.interfaces.Timer."""

    def now_ms(self) -> int:
        """Monotonic milliseconds."""
        return time.monotonic_ns() // 1_000_000

    async def sleep(self, ms: int) -> None:
        """Wait in the event loop."""
        await asyncio.sleep(ms / 1000)


def utc_now() -> datetime:
    """The moment now, aware."""
    return datetime.now(UTC)
