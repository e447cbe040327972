"""The option that sets the time of the call."""

from __future__ import annotations

import typer

Moment = typer.Option(
    "--at", help="Time of the call, ISO 8601; “now” for the clock. Default: in office hours, 2022."
)
