"""Grammar arguments of commands, and the minimum confidence of their answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.dialog.decision import Stake, points, ways
from bot.elms.login import PIN_LENGTH
from bot.resources import GRAMMARS
from bot.settings import Settings

Folder = Annotated[Path, typer.Option("--grammars", help="Folder of .grxml files.")]
_STAKES: dict[str, Stake] = {"license_number": "number", "digits": "number", "pin": "secret"}


def uri_of(name: str, settings: Settings) -> str:
    """The URI of a grammar argument; the suffix ``.grxml`` is optional.

    ``license_number`` or ``pin`` alone gets the length limits of a call.
    """
    in_a_call = {"license_number": settings.license_number.limits, "pin": f"length={PIN_LENGTH}"}
    whole, hash_sign, rule = name.partition("#")
    file, mark, query = whole.partition("?")
    file = file.removesuffix(".grxml")
    if not mark and file in in_a_call:
        mark, query = "?", in_a_call[file]
    return f"{file}.grxml{mark}{query}{hash_sign}{rule}"


def complete_name(incomplete: str) -> list[str]:
    """The names of grammars that begin like this, for the shell's completion."""
    names = {file.name.partition(".")[0] for file in GRAMMARS.glob("*.grxml")}
    return sorted(name for name in names if name.startswith(incomplete))


def least_sure(grammar: str, settings: Settings, given: float | None) -> float:
    """The minimum confidence for answers of a grammar: as given, or as in a call.

    In a call, lower answers are asked for again; ``elms-ivr costs`` shows the value for the first
    attempt. All grammars except numbers and PINs count as choices.
    """
    if given is not None:
        return given
    return points(ways(settings.costs, _STAKES.get(grammar, "choice"))).confirm
