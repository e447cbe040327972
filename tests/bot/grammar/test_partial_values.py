"""What is told of an entry that is not complete yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.grammar import Answer, Grammars
from tests.support.grammar_text import Load

pytestmark = pytest.mark.unit


def test_the_beginning_of_a_value_is_told_once_it_has_a_letter(load: Load, tmp_path: Path) -> None:
    ones = "<item repeat=\"0-\">1<tag>out += '1';</tag></item>"
    load(f"<rule id=\"r\"><tag>out = '';</tag>number {ones}</rule>")
    number = Grammars.load(tmp_path).get("g.grxml?length=3").voice
    begun = [number.match(said.split()) for said in ("number", "number 1", "number 1 1")]
    assert {heard.answer for heard in begun} == {Answer.POTENTIAL}
    assert [heard.partial for heard in begun] == [(), ("1",), ("11",)]
    assert number.match(["number", "1", "1", "1"]).partial == ()
