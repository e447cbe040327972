"""Converts a transcript to the words of the grammars; the reverse of bot.hearing.spellings."""

from __future__ import annotations

import re

from bot.hearing.spellings import Words
from bot.numerals import DIGITS

_DIGIT = re.compile(r"\d")
_NO_WORD = re.compile(r"[^a-z']+")
_AS_IN_GRAMMARS = {"ok": "okay"}


def words_of(text: str) -> Words:
    """Return lower-case words, digits one by one, without punctuation: "It's 42." is "it's four
    two".
    """
    small = text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    spelled = _DIGIT.sub(lambda found: f" {DIGITS[int(found[0])]} ", small)
    words = _NO_WORD.sub(" ", spelled).split()
    return tuple(_AS_IN_GRAMMARS.get(word, word) for word in words)


def said_once(words: Words, *, cut: bool = False) -> Words:
    """Cut the words after the first round of a repetition at their end, which a decoder produces
    when it finds no end in a short window. Other words stay unchanged.

    If the decoder was ``cut`` off, the second round of the whole text may have only begun; a text
    that was cut off and does not repeat itself is incomplete: empty.
    """
    for start in range(len(words)):
        rounds = words[start:]
        longest = len(rounds) - 1 if cut and not start else len(rounds) // 2
        for length in range(1, longest + 1):
            if _go_round(rounds, length, cut):
                return words[: start + length]
    return () if cut else words


def _go_round(words: Words, length: int, cut: bool) -> bool:
    """Return True if the words repeat after ``length``; if cut, the last may be incomplete."""
    *before, last = words
    following = words[(len(words) - 1) % length]
    return all(word == words[place % length] for place, word in enumerate(before)) and (
        following.startswith(last) if cut else following == last
    )
