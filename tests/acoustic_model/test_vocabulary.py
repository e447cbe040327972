"""The model's vocabulary and the grammars keep in step."""

from __future__ import annotations

import pytest

from acoustic_model.data.caller_phrases import NUMBERS
from acoustic_model.lexicon.lexicon import WORDS, lexicon
from acoustic_model.lexicon.spelled_words import SPELLED
from bot.grammar import Grammars
from tests.support.paths import GRAMMAR_FILES

pytestmark = pytest.mark.unit

FOLDER = GRAMMAR_FILES
SPOKEN = sorted(
    path.name for path in FOLDER.glob("*.grxml") if not path.name.endswith(".dtmf.grxml")
)
DIGIT_KEYS = frozenset("0123456789")
KNOWN = {*WORDS, *SPELLED}


@pytest.mark.parametrize("name", SPOKEN)
def test_the_model_has_every_word_that_a_grammar_can_hear(name: str) -> None:
    words = Grammars.load(FOLDER).get(name).voice.words()
    assert {*words} - DIGIT_KEYS - KNOWN == set()


def test_the_model_has_every_number_word() -> None:
    assert {*NUMBERS} - KNOWN == set()


def test_every_word_is_listed_once_and_the_unknown_word_is_last() -> None:
    assert len(set(WORDS)) == len(WORDS)
    assert WORDS[-1] == "[unk]"
    assert tuple(lexicon().pronunciations) == WORDS
