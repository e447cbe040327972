"""Spells an utterance as it may be written: numbers in digits or words, a comma after yes or no.

A recognizer trained on written English transcribes "four two one nine" as "4 2 1 9", "4, 2, 1, 9",
"4219", or "Four two one nine": all are the same alternative. Hyphens ("4-2-1-9"), groups that
nobody said ("42 19"), and commas between words do not help (decision 76). Words between two
numbers, such as the "no" of a correction, stay between them. None has a period at its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from bot.numerals import DIGITS, cardinal
from bot.types import UNKNOWN

_ZERO = {"zero": "0", "oh": "0"}
_UNITS = {word: str(digit) for digit, word in enumerate(DIGITS) if digit}
_TEENS = {cardinal(number): str(number) for number in range(10, 20)}
_TENS = {cardinal(10 * digit): str(digit) for digit in range(2, 10)}
_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_DIGIT = {**_ZERO, **_UNITS}
_NUMERALS = {*_DIGIT, *_TEENS, *_TENS, *_TIMES, "hundred", "thousand"}

_HESITATIONS = frozenset({"uh", "um"})
_YES_BEHIND_UH = "huh"
"""Together they mean yes: this "uh" is not a hesitation."""
_BEFORE_A_COMMA = frozenset(
    {"yes", "yeah", "yep", "yup", "no", "nope", "nah", "okay", "well", "so", "sure", "uh", "um"}
)
_JOINED = {("I", "d"): "ID", ("good", "bye"): "goodbye"}

Words = tuple[str, ...]


def spellings(words: Sequence[str]) -> tuple[str, ...]:
    """Return all spellings of one alternative without UNKNOWN words; empty if no word remains."""
    known = tuple(word for word in words if word != UNKNOWN)
    behind = (*known[1:], "")[: len(known)]
    plain = tuple(
        word
        for word, following in zip(known, behind, strict=True)
        if word not in _HESITATIONS or following == _YES_BEHIND_UH
    )
    said = dict.fromkeys(form for form in (plain, known) if form)
    return tuple(dict.fromkeys(text for form in said for text in _sentences(form)))


def is_number(words: Sequence[str]) -> bool:
    """Return True if there is a number among these words."""
    return any(map(is_numeral, words))


def is_numeral(word: str) -> bool:
    """Return True if this word can be part of a number, such as "oh", "forty", and "double"."""
    return word in _NUMERALS


def is_repeated(word: str) -> bool:
    """Return True if this word repeats the next digit, such as "double"."""
    return word in _TIMES


def before_number(words: Words) -> Words:
    """Return what precedes the first number; empty if there is none."""
    before, number, _ = _around_number(words)
    return before if number else ()


def number_at_end(words: Words) -> Words:
    """Return the number at the end without anything inside it; empty if there is none."""
    _, number, behind = _around_number(words)
    return number if not behind and all(map(is_numeral, number)) else ()


def figures(words: Sequence[str]) -> str:
    """Return the digits of all numbers among these words: "421903"."""
    return "".join(one.digits for one in _grouped(tuple(words)))


def _sentences(words: Words) -> Iterator[str]:
    """Return each way to write their number, also with a comma after a yes or a no."""
    before, number, behind = _around_number(words)
    for spelled in _numbers(number):
        for start in dict.fromkeys((" ".join(_text(before)), _with_comma(before, number, behind))):
            text = " ".join(part for part in (start, spelled, " ".join(_text(behind))) if part)
            yield text[0].upper() + text[1:]


def _around_number(words: Words) -> tuple[Words, Words, Words]:
    """Split into what precedes the first word of a number, the span to the last, and the rest."""
    places = [place for place, word in enumerate(words) if word in _NUMERALS]
    if not places:
        return words, (), ()
    first, last = places[0], places[-1] + 1
    return words[:first], words[first:last], words[last:]


def _with_comma(before: Words, *behind: Words) -> str:
    text = _text(before)
    if text and text[0] in _BEFORE_A_COMMA and (len(text) > 1 or any(behind)):
        text[0] += ","
    return " ".join(text)


def _text(words: Words) -> list[str]:
    """Return the words, with compounds written as one."""
    found: list[str] = []
    for word in words:
        joined = _JOINED.get((found[-1], word)) if found else None
        if joined:
            found[-1] = joined
        else:
            found.append(capitalized(word))
    return found


def capitalized(word: str) -> str:
    """Return the word as it is written inside a sentence: "I" and "I'm" are capitalized."""
    return word.capitalize() if word.partition("'")[0] == "i" else word


def _numbers(words: Words) -> Iterator[str]:
    if not words:
        yield ""
        return
    numbers = _grouped(words)
    yield " ".join(one.said for one in numbers)
    if any(one.digits for one in numbers):
        yield from (_written(numbers, between) for between in (" ", ", ", ""))


def _written(numbers: Sequence[_Number], between: str) -> str:
    """Return the numbers in digits; ``between`` separates adjacent ones."""
    return " ".join(
        between.join(one.digits for one in run) if digits else " ".join(one.said for one in run)
        for digits, run in groupby(numbers, lambda one: bool(one.digits))
    )


@dataclass(frozen=True, slots=True)
class _Number:
    """Return one of several numbers: "forty-two" of "forty-two nineteen"."""

    said: str
    digits: str
    """Return the word's digits; "" for a word that is not part of a number."""


def _grouped(words: Words) -> list[_Number]:
    found: list[_Number] = []
    at = 0
    while at < len(words):
        digits, end = _next_number(words, at)
        found.append(_Number(_hyphenated(words[at:end]), digits))
        at = end
    return found


def _next_number(words: Words, at: int) -> tuple[str, int]:
    """Return the digits of the number that begins here, and where it ends."""
    times = _TIMES.get(words[at])
    if times is not None:
        digit = _DIGIT.get(_at(words, at + 1), "")
        return digit * times, at + (2 if digit else 1)
    digits, end = _below_ten_thousand(words, at)
    if digits.strip("0") and _at(words, end) == "thousand":
        return _with_rest(digits, words, end + 1, 3)
    return digits, max(end, at + 1)


def _below_ten_thousand(words: Words, at: int) -> tuple[str, int]:
    """Return up to four digits ("twelve hundred"); "" and the same place if there are none."""
    digits, end = _below_hundred(words, at)
    if digits.strip("0") and _at(words, end) == "hundred":
        return _with_rest(digits, words, end + 1, 2)
    return digits, end


def _below_hundred(words: Words, at: int) -> tuple[str, int]:
    """Return one or two digits; "" and the same place if there is no such number."""
    word = _at(words, at)
    if word in _DIGIT or word in _TEENS:
        return _DIGIT.get(word) or _TEENS[word], at + 1
    if word not in _TENS:
        return "", at
    unit = _UNITS.get(_at(words, at + 1), "")
    return _TENS[word] + (unit or "0"), at + (2 if unit else 1)


def _with_rest(head: str, words: Words, at: int, width: int) -> tuple[str, int]:
    """Return the digits of hundreds or thousands: the head, and ``width`` digits from here on."""
    start = at + (_at(words, at) == "and")
    start += _at(words, start) in _ZERO and _at(words, start + 1) in _UNITS
    below = _below_hundred if width == 2 else _below_ten_thousand
    rest, end = below(words, start)
    if rest.strip("0") and len(rest) <= width:
        return head + rest.rjust(width, "0"), end
    return head + "0" * width, at


def _at(words: Words, place: int) -> str:
    """Return the word at this place; "" after the last."""
    return words[place] if place < len(words) else ""


def _hyphenated(words: Words) -> str:
    """Write a number in words: "forty-two"."""
    text = words[0]
    for before, word in pairwise(words):
        text += f"-{word}" if before in _TENS and word in _UNITS else f" {word}"
    return text
