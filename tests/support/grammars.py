"""The project's own grammars, compiled once for all tests of a process."""

from __future__ import annotations

from functools import cache

from bot.grammar import Grammars
from tests.support.paths import GRAMMAR_FILES


@cache
def project_grammars() -> Grammars:
    """Those of grammars/, which takes a second to compile."""
    return Grammars.load(GRAMMAR_FILES)
