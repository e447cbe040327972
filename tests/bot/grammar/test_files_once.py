"""A process reads and compiles the same grammar files once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import GrammarError
from bot.grammar import Grammars
from tests.support.grammar_text import Load

pytestmark = pytest.mark.unit

FOUR, FIVE = '<rule id="r">four</rule>', '<rule id="r">five</rule>'


def test_the_same_files_are_compiled_once(load: Load, tmp_path: Path) -> None:
    load(FOUR)
    assert Grammars.load(tmp_path).get("g.grxml") is Grammars.load(tmp_path).get("g.grxml")


def test_a_changed_file_is_compiled_again(load: Load) -> None:
    for rule, word in ((FOUR, "four"), (FIVE, "five"), (FOUR, "four")):
        assert load(rule).match([word]).answer.complete


def test_an_added_file_is_there(load: Load, tmp_path: Path) -> None:
    load(FOUR)
    for ending in (".grxml", ".dtmf.grxml"):
        (tmp_path / f"h{ending}").write_bytes((tmp_path / f"g{ending}").read_bytes())
    assert Grammars.load(tmp_path).names == ("g", "h")


def test_a_removed_file_is_missing(load: Load, tmp_path: Path) -> None:
    load(FOUR)
    (tmp_path / "g.dtmf.grxml").unlink()
    with pytest.raises(GrammarError, match="must have keys too"):
        Grammars.load(tmp_path)
