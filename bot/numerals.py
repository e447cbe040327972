"""Numbers as words, American style: what a person would say, never a figure.

``zero`` is never ``oh``: over a telephone "oh" is heard as a letter or not at all.
"""

from __future__ import annotations

BLANK, BLANK_WORD = "?", "blank"
"""Stands for a digit that is not known, and how it is said."""

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SMALL = (
    *DIGITS,
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_IRREGULAR_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
LARGEST = 9_999
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (10**3, "thousand"))


def cardinal(number: int) -> str:
    """0 to 9,999 in words; outside that range ValueError."""
    if not 0 <= number <= LARGEST:
        raise ValueError(f"no words for numbers outside 0 to {LARGEST}")
    if number < 100:
        return _below_hundred(number)
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    head, rest = divmod(number, size)
    words = f"{cardinal(head)} {name}"
    return f"{words} {cardinal(rest)}" if rest else words


def large(number: int) -> str:
    """Any number below a quadrillion: ``ten thousand``, ``one million two hundred thousand``."""
    for size, name in _SCALES:
        if number >= size:
            head, rest = divmod(number, size)
            said = f"{large(head)} {name}"
            return f"{said} {large(rest)}" if rest else said
    return cardinal(number)


def _below_hundred(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens]}-{DIGITS[ones]}" if ones else _TENS[tens]


def ordinal(number: int) -> str:
    """``third``, ``twenty-second``, ``one hundred first``, ``one thousandth``."""
    words = large(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    return words[:cut] + _ordinal_word(words[cut:])


def _ordinal_word(word: str) -> str:
    if word in _IRREGULAR_ORDINALS:
        return _IRREGULAR_ORDINALS[word]
    return f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th"


def year(number: int) -> str:
    """``twenty twenty-two``, ``two thousand nine``, ``nineteen hundred``; 1000 to 9999."""
    century, rest = divmod(number, 100)
    if rest < 10:
        hundreds = century % 10 != 0
        said = f"{_below_hundred(century)} hundred" if hundreds else cardinal(century * 100)
        return f"{said} {DIGITS[rest]}" if rest else said
    return f"{_below_hundred(century)} {_below_hundred(rest)}"


def groups(digits: str) -> tuple[str, ...]:
    """Digits in the groups that people remember: 4 as 2-2, 6 as 3-3, 7 as 3-4, 10 as 3-3-4."""
    found: list[str] = []
    if len(digits) == 11 and digits.startswith("1"):
        found.append("1")
        digits = digits[1:]
    while len(digits) > 7:
        found.append(digits[:3])
        digits = digits[3:]
    first = {0: 0, 4: 2}.get(len(digits), 3)
    return tuple(group for group in (*found, digits[:first], digits[first:]) if group)


def one_by_one(digits: str) -> tuple[tuple[str, ...], ...]:
    """Each digit as a word, in groups; leading zeros and blanks kept."""
    return tuple(tuple(map(_one, group)) for group in groups(digits))


def _one(digit: str) -> str:
    return BLANK_WORD if digit == BLANK else DIGITS[int(digit)]
