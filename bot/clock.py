"""Real time, read nowhere else in the bot, and the fixed time of a demonstration."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.errors import SettingsError

DEMONSTRATION = "2022-12-05T10:00:00-06:00"
"""A Monday morning near the end of ELMS, in office hours: demonstration data has its own year."""

YEARS = range(1900, 2200)
"""At the ends of the calendar, a time cannot be converted to another zone."""


class RealTimer:
    """Implements bot.interfaces.Timer."""

    def now_ms(self) -> int:
        """Monotonic milliseconds."""
        return time.monotonic_ns() // 1_000_000

    async def sleep(self, ms: int) -> None:
        """Wait in the event loop."""
        await asyncio.sleep(ms / 1000)


def utc_now() -> datetime:
    """The current time, aware."""
    return datetime.now(UTC)


def at(text: str | None) -> Callable[[], datetime]:
    """A clock that stands still at this time. Raises SettingsError."""
    if text == "now":
        return utc_now
    try:
        moment = datetime.fromisoformat(text or DEMONSTRATION)
    except ValueError:
        moment = datetime.min
    if moment.year not in YEARS:
        raise SettingsError(f"--at {text}: not a date and time such as {DEMONSTRATION}")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo("America/Chicago"))
    return lambda: moment
