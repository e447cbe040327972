"""The option that sets the time of the call."""

from __future__ import annotations

import typer

Moment = typer.Option(
    "--at",
    help="Time of the call, ISO 8601; “now” for the clock. Default: in office hours, 2022; "
    "with --live, now.",
)


def moment_of(given: str | None, live: bool) -> str | None:
    """Return the given time; for a call to a real backend, the default is now."""
    return given or ("now" if live else None)
