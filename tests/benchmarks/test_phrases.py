"""The phrases that are measured are those of a call."""

from __future__ import annotations

import pytest

pytest.importorskip("matplotlib", reason="needs the bench extra: make .venv/.ready-bench")

from benchmarks.recognition import phrases
from benchmarks.recognition.heard import asking
from bot.grammar import ActiveGrammars
from tests.support.grammars import project_grammars

pytestmark = pytest.mark.unit

SAID = [(question, text) for question, texts in phrases.PHRASES.items() for text in texts]
NOT_MEANT = [(question, text) for question in phrases.PHRASES for text in phrases._REMARKS]


def meanings(question: str, text: str) -> list[str]:
    pairs = [project_grammars().get(uri) for uri in asking(question).uris]
    return [value for _, value in ActiveGrammars(pairs).match("voice", text.split()).values]


@pytest.mark.parametrize(("question", "text"), SAID)
def test_each_phrase_has_a_meaning_at_its_question(question: str, text: str) -> None:
    assert meanings(question, text)


@pytest.mark.parametrize(("question", "text"), NOT_MEANT)
def test_a_remark_has_no_meaning(question: str, text: str) -> None:
    assert meanings(question, text) == []
