"""Grammars by the name that a command is given, and how sure their answers have to be."""

from __future__ import annotations

from bot.dialog.decision import Stake, points, ways
from bot.elms.login import PIN_LENGTH
from bot.settings import Settings

_STAKES: dict[str, Stake] = {"license_number": "number", "digits": "number", "pin": "secret"}


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


def least_sure(grammar: str, settings: Settings, given: float | None) -> float:
    """How sure an answer of this grammar has to be: as given, or from where on a call does more
    with it than ask again.

    That is what ``elms-ivr costs`` shows for the first try; all but numbers and PINs are choices.
    """
    if given is not None:
        return given
    return points(ways(settings.costs, _STAKES.get(grammar, "choice"))).confirm
