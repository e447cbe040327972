"""`elms-ivr settings`: every setting with its value, unit, source, and meaning."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.settings_file import SettingsFile
from bot.settings import load_settings
from settings_listing.entries import entries
from settings_listing.formats import as_json, as_toml, table


def settings(
    file: SettingsFile = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    toml: Annotated[
        bool, typer.Option("--toml", help="Print a settings file to start from.")
    ] = False,
) -> None:
    """List every setting with its value, unit, source, and meaning. Secrets stay hidden."""
    listed = entries(load_settings(file), file)
    if json:
        typer.echo(as_json(listed))
    elif toml:
        typer.echo(as_toml(listed))
    else:
        table(listed)
