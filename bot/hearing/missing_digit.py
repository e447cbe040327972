"""Handles one unrecognized digit inside a number that was otherwise heard.

The recognizer returns ``[unk]`` for a word that it does not know: "four two [unk] nine oh three".
Whatever that digit was, the others are known.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.grammar import ActiveGrammars
from bot.hearing.confidence import shares
from bot.hearing.interpretation import Words, without_unknown
from bot.numerals import BLANK, DIGITS
from bot.types import UNKNOWN, Hypothesis, Interpretation, Mode


def around_gaps(
    grammars: ActiveGrammars, alternatives: Sequence[Hypothesis], mode: Mode
) -> tuple[Interpretation, ...]:
    """Return the digits around the gap from alternatives with one unknown word inside, most likely
    first.
    """
    own = grammars.pairs[0].voice.name
    merged: dict[str, tuple[float, str]] = {}
    every = shares([one.log_likelihood for one in alternatives])
    for one, share in zip(alternatives, every, strict=True):
        words = without_unknown(one.words)
        pattern = _around(grammars, words, mode, own)
        if pattern:
            so_far, utterance = merged.get(pattern, (0.0, " ".join(words)))
            merged[pattern] = (so_far + share, utterance)
    found = (
        Interpretation(utterance, value, min(1.0, share), mode, own)
        for value, (share, utterance) in merged.items()
    )
    return tuple(sorted(found, key=lambda one: -one.confidence))


def _around(grammars: ActiveGrammars, words: Words, mode: Mode, own: str) -> str:
    """Return the value with BLANK for the unknown word; "" if that makes no sense."""
    if words.count(UNKNOWN) != 1:
        return ""
    values = [_value(grammars, _with(words, digit), mode, own) for digit in DIGITS]
    if not all(len(value) == len(values[0]) > 0 for value in values):
        return ""
    columns = [set(column) for column in zip(*values, strict=True)]
    pattern = "".join(BLANK if len(column) > 1 else min(column) for column in columns)
    return pattern if pattern.count(BLANK) == 1 else ""


def _with(words: Words, digit: str) -> Words:
    return tuple(digit if word == UNKNOWN else word for word in words)


def _value(grammars: ActiveGrammars, words: Words, mode: Mode, own: str) -> str:
    heard = grammars.match(mode, words)
    return next((value for grammar, value in heard.values if grammar == own), "")
