"""Loads one grammar that a test has written."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.grammar import Grammar, Grammars
from tests.support.grammar_text import KEYED_ONES, Load, text


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load one voice grammar given by its rules (or by its whole text)."""

    def load_one(body: str, query: str = "", tags: str = "semantics/1.0") -> Grammar:
        whole = body if body.startswith(("<?xml", "<!", "<grammar", "#")) else text(body, tags=tags)
        (tmp_path / "g.grxml").write_text(whole)
        (tmp_path / "g.dtmf.grxml").write_text(text(KEYED_ONES, "dtmf"))
        return Grammars.load(tmp_path).get(f"g.grxml{query}").voice

    return load_one
