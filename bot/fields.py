"""The grammar of a field by the name that a command is given."""

from __future__ import annotations

from bot.dialog import PIN_LENGTH
from bot.settings import Settings


def uri_of(name: str, settings: Settings) -> str:
    """``digits?length=6`` and ``digits.grxml?length=6`` are the same.

    A bare ``license_number`` or ``pin`` has the limits that it has in a call.
    """
    in_a_call = {"license_number": settings.license_number.limits, "pin": f"length={PIN_LENGTH}"}
    whole, hash_sign, rule = name.partition("#")
    file, mark, query = whole.partition("?")
    file = file.removesuffix(".grxml")
    if not mark and file in in_a_call:
        mark, query = "?", in_a_call[file]
    return f"{file}.grxml{mark}{query}{hash_sign}{rule}"
