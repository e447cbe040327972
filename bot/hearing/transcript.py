"""What a recognizer wrote, as the words that grammars have (bot.hearing.spellings turned round)."""

from __future__ import annotations

import re

from bot.hearing.spellings import Words
from bot.numerals import DIGITS

_DIGIT = re.compile(r"\d")
_NO_WORD = re.compile(r"[^a-z']+")


def words_of(text: str) -> Words:
    """Small letters, digits one by one as words, without signs: "It's 42." is "it's four two"."""
    small = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    spelled = _DIGIT.sub(lambda found: f" {DIGITS[int(found[0])]} ", small)
    return tuple(_NO_WORD.sub(" ", spelled).split())


def said_once(words: Words) -> Words:
    """Up to the end of the first round where words go round at the end, as those of a decoder do
    that finds no end in a short window. Words that do not come again stay as they are.
    """
    for start in range(len(words)):
        rounds = words[start:]
        for length in range(1, len(rounds) // 2 + 1):
            if all(word == rounds[place % length] for place, word in enumerate(rounds)):
                return words[: start + length]
    return words
