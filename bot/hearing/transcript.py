"""Converts a transcript to the words of the grammars; the reverse of bot.hearing.spellings."""

from __future__ import annotations

import re

from bot.hearing.spellings import Words
from bot.numerals import DIGITS

_DIGIT = re.compile(r"\d")
_NO_WORD = re.compile(r"[^a-z']+")


def words_of(text: str) -> Words:
    """Return lower-case words, digits one by one, without punctuation: "It's 42." is "it's four
    two".
    """
    small = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    spelled = _DIGIT.sub(lambda found: f" {DIGITS[int(found[0])]} ", small)
    return tuple(_NO_WORD.sub(" ", spelled).split())


def said_once(words: Words) -> Words:
    """Cut the words after the first round of a repetition at their end, which a decoder produces
    when it finds no end in a short window. Other words stay unchanged.
    """
    for start in range(len(words)):
        rounds = words[start:]
        for length in range(1, len(rounds) // 2 + 1):
            if all(word == rounds[place % length] for place, word in enumerate(rounds)):
                return words[: start + length]
    return words
