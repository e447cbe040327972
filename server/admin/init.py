"""``elms-server init``: a settings file with secrets of its own, and the first tables."""

from __future__ import annotations

import os
from pathlib import Path

from server.database import Database, migrate
from server.errors import ServerError, SettingsError
from server.hashing import new_token
from server.settings import SECRETS, load_settings

TEMPLATE = """\
# Settings of the ELMS service; made by elms-server init, readable by its owner only.
# The pepper is what keeps a copy of the database from giving away PINs: keep it apart from
# backups of the database. Without it no stored PIN or password can be checked again.
database_url = "{database_url}"
{secrets}
"""


def set_up(file: Path, database_url: str) -> None:
    """Write the settings file (mode 0600) and make the tables. Raises ServerError.

    Where the tables cannot be made, no file stays behind, so that it can be tried again.
    """
    if any(character in database_url for character in '"\\\n'):
        raise SettingsError("the database address cannot be written into a settings file")
    secrets = "\n".join(f'{name} = "{new_token()}"' for name in SECRETS)
    content = TEMPLATE.format(database_url=database_url, secrets=secrets)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingsError(f"{file} already exists; its secrets are not replaced") from None
    except OSError as error:
        raise SettingsError(f"cannot write {file}: {error.strerror}") from None
    with os.fdopen(handle, "w") as opened:
        opened.write(content)
    try:
        _make_tables(load_settings(file).database_url)
    except ServerError:
        file.unlink()
        raise


def _make_tables(database_url: str) -> None:
    database = Database(database_url)
    try:
        migrate(database)
    finally:
        database.close()
