"""What a grammar would have understood: its phrases and words that are like what was said."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher, get_close_matches
from random import Random

from bot.grammar.grammars import Grammar

LEAST_ALIKE = 0.5
SAMPLES = 200
"""Random phrases of a grammar that has too many to list."""


def nearest(grammar: Grammar, tokens: Sequence[str], most: int = 3) -> tuple[str, ...]:
    """Up to ``most`` complete phrases of the grammar like the tokens, the most alike first."""
    said = [token.lower() for token in tokens]
    random = Random(0)
    sampled = (grammar.sample(random) for _ in range(SAMPLES))
    phrases = dict.fromkeys((*grammar.examples, *grammar.phrases(), *sampled))
    whole = [phrase for phrase in phrases if grammar.match(phrase.split()).answer.complete]
    alike = sorted(((_alike(said, one.split()), one) for one in whole), key=lambda pair: -pair[0])
    return tuple(phrase for share, phrase in alike[:most] if share >= LEAST_ALIKE)


def unknown_words(grammar: Grammar, tokens: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The tokens that the grammar does not have, each with words of it that look alike."""
    known = grammar.words()
    return {
        token: tuple(get_close_matches(token.lower(), known, 3))
        for token in tokens
        if not grammar.has(token)
    }


def _alike(said: Sequence[str], phrase: Sequence[str]) -> float:
    """From 0 to 1, the larger of what their words and their letters have in common."""
    words = SequenceMatcher(None, said, phrase).ratio()
    letters = SequenceMatcher(None, " ".join(said), " ".join(phrase)).ratio()
    return max(words, letters)
