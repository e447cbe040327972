"""Writes docs/settings.md from the settings of the bot and the server."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from bot.resources import PROJECT
from bot.settings import Settings as BotSettings
from server.settings import Settings as ServerSettings
from settings_listing.entries import Entry, entries
from settings_listing.formats import as_markdown

PAGE = PROJECT / "docs" / "settings.md"

OPENING = """\
# Settings

Made by `make settings-page` from the settings' classes; do not edit it by hand.

A setting comes from an environment variable, or else from the TOML file, or else it has its
default. `elms-ivr settings` and `elms-server settings` list the current values, and where each one
comes from; with `--toml` they write a commented file to start from, with `--json` a list for
programs. They never show a secret. A misspelled name is an error in both places.
"""

BOT = """
## The bot

File: `--settings FILE`. Variables: `ELMS_IVR_` with the name in capitals, a section before its
setting with two underscores: `ELMS_IVR_TURN__TIMEOUT_MS=12000`. Paths are those of a checkout; an
installation has its own copies, and caches in the user's cache folder.

"""

SERVER = """
## The server

File: `elms-server.toml`, made by `elms-server init`, or `--settings FILE`. Variables:
`ELMS_SERVER_`, in the same way: `ELMS_SERVER_LIMITS__PINS_PER_CALL=3`.

"""


def page() -> str:
    """The whole document. Reads the settings without the environment's variables."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("ELMS_")}
    try:
        bot, server = entries(BotSettings()), entries(ServerSettings())
    finally:
        os.environ.update(kept)
    bot = [_in_checkout(entry) for entry in bot]
    return f"{OPENING}{BOT}{as_markdown(bot)}{SERVER}{as_markdown(server)}".rstrip() + "\n"


def _in_checkout(entry: Entry) -> Entry:
    """A path without the place of this checkout."""
    if isinstance(entry.default, str) and entry.default.startswith(f"{PROJECT}{os.sep}"):
        return replace(entry, default=Path(entry.default).relative_to(PROJECT).as_posix())
    return entry


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
