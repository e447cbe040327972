"""Finds what a grammar would have understood: its phrases and words similar to an utterance."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher, get_close_matches
from random import Random

from bot.grammar.grammars import Grammar

LEAST_ALIKE = 0.5
SAMPLES = 200
"""Number of random phrases from a grammar that has too many to list."""


def nearest(grammar: Grammar, tokens: Sequence[str], most: int = 3) -> tuple[str, ...]:
    """Return up to ``most`` complete phrases of the grammar similar to the tokens, best first."""
    said = [token.lower() for token in tokens]
    random = Random(0)
    sampled = (grammar.sample(random) for _ in range(SAMPLES))
    phrases = dict.fromkeys((*grammar.examples, *grammar.phrases(), *sampled))
    whole = [phrase for phrase in phrases if grammar.match(phrase.split()).answer.complete]
    alike = sorted(((_alike(said, one.split()), one) for one in whole), key=lambda pair: -pair[0])
    return tuple(phrase for share, phrase in alike[:most] if share >= LEAST_ALIKE)


def unknown_words(grammar: Grammar, tokens: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the tokens that the grammar lacks, each with similar words of the grammar."""
    known = grammar.words()
    return {
        token: tuple(get_close_matches(token.lower(), known, 3))
        for token in tokens
        if not grammar.has(token)
    }


def _alike(said: Sequence[str], phrase: Sequence[str]) -> float:
    """Return the similarity from 0 to 1: of the words or of the letters, whichever is larger."""
    words = SequenceMatcher(None, said, phrase).ratio()
    letters = SequenceMatcher(None, " ".join(said), " ".join(phrase)).ratio()
    return max(words, letters)
