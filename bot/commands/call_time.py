"""The time of a call, where it is not now: demonstration data has its own year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from bot.clock import utc_now
from bot.errors import SettingsError

DEMONSTRATION = "2022-12-05T10:00:00-06:00"
"""A Monday morning near the end of ELMS, in office hours."""

Moment = typer.Option(
    "--at", help="Time of the call, ISO 8601; “now” for the clock. Default: in office hours, 2022."
)


def at(text: str | None) -> Callable[[], datetime]:
    """A clock that stands at this moment. Raises SettingsError."""
    if text == "now":
        return utc_now
    try:
        moment = datetime.fromisoformat(text or DEMONSTRATION)
    except ValueError:
        raise SettingsError(f"--at {text}: not a date and time such as {DEMONSTRATION}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo("America/Chicago"))
    return lambda: moment
