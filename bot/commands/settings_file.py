"""The option that names a file of settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="TOML file of settings.")]
