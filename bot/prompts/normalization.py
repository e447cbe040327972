"""Free text as words that every engine reads alike: no figure, symbol or lone letter is left.

Engines differ in how they read "6/30", "Class A five-year" ("class uh") or "<b>"; what is left
for them here are words, commas and the ends of sentences.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from bot.numerals import DIGITS, LARGEST, cardinal, one_by_one, ordinal, year

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_NAMES = (
    "bee see dee ee ef gee aitch I jay kay el em en oh pee cue ar ess tee you vee "
    "double-you ex why zee"
)
_LETTERS = dict(zip("BCDEFGHIJKLMNOPQRSTUVWXYZ", _NAMES.split(), strict=True))
_TIMES = ("", "", "double ", "triple ", "quadruple ")
_DIGIT_PHRASES = ", ".join
_MONTH = "|".join(MONTHS)
_HALF_DAY = r"(?:\s*([ap])\.?m\b\.?)"


def spell(letters: str) -> str:
    """Letters by their names, a run of one letter as people say it: ``AAA`` is ``triple A,``.

    The letter A has no spelling that two engines read alike, and without a comma behind it is
    read as the article: so it always carries one.
    """
    runs = [match.group() for match in re.finditer(r"(.)\1{0,3}", letters.upper())]
    return " ".join(_TIMES[len(run)] + _letter(run[0]) for run in runs)


def _letter(letter: str) -> str:
    if letter.isdecimal():
        return DIGITS[int(letter)]
    return "A," if letter == "A" else _LETTERS.get(letter, "")


def say_date(day: date, with_year: bool = True) -> str:
    """``March third, twenty twenty-two``."""
    said = f"{MONTHS[day.month - 1]} {ordinal(day.day)}"
    return f"{said}, {year(day.year)}" if with_year else said


def say_time(hour: int, minute: int) -> str:
    """``eight in the morning``, ``five thirty in the afternoon``; 24-hour input."""
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"{_clock((hour - 1) % 12 + 1, minute)} in the {part}"


def _clock(hour: int, minute: int) -> str:
    if minute == 0:
        return cardinal(hour)
    zero = "zero " if minute < 10 else ""
    return f"{cardinal(hour)} {zero}{cardinal(minute)}"


def say_digits(digits: str) -> str:
    """Digits one at a time, a comma between groups."""
    return _DIGIT_PHRASES(" ".join(group) for group in one_by_one(digits))


def _integer(text: str) -> str:
    digits = text.replace(",", "")
    number = int(digits)
    if number > LARGEST or (digits.startswith("0") and len(digits) > 1):
        return say_digits(digits)
    return year(number) if 1900 <= number < 2100 and "," not in text else cardinal(number)


def _iso_date(match: re.Match[str]) -> str:
    try:
        return say_date(date.fromisoformat(match.group()))
    except ValueError:
        return say_digits(match.group().replace("-", ""))


def _month_day(match: re.Match[str]) -> str:
    said = f"{match[1]} {ordinal(int(match[2]))}"
    return f"{said}, {year(int(match[3]))}" if match[3] else said


def _time(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if hour > 23 or minute > 59:
        return say_digits(f"{match[1]}{match[2] or ''}")
    if half is None:
        return _clock(hour, minute)
    return say_time(hour % 12 + (12 if half.lower() == "p" else 0), minute)


def _money(match: re.Match[str]) -> str:
    dollars, cents = _integer(match[1]), int(match[2] or 0)
    said = f"{dollars} dollar" + ("" if dollars == "one" else "s")
    return f"{said} and {cardinal(cents)} cent" + ("" if cents == 1 else "s") if cents else said


def _decimal(match: re.Match[str]) -> str:
    return f"{_integer(match[1])} point {' '.join(DIGITS[int(digit)] for digit in match[2])}"


def _telephone(match: re.Match[str]) -> str:
    return say_digits(match.group().replace("-", ""))


def _letters(match: re.Match[str]) -> str:
    return spell(match.group().replace(".", ""))


_Rule = tuple[str, Callable[[re.Match[str]], str]]
_RULES: tuple[_Rule, ...] = (
    (r"\$(\d[\d,]*)(?:\.(\d\d)\b)?", _money),
    (r"\b\d{4}-\d\d-\d\d\b", _iso_date),
    (r"\b(?:1-)?\d{3}-\d{3}-\d{4}\b", _telephone),
    (r"\b\d{5}-\d{4}\b", _telephone),
    (rf"\b({_MONTH}) (\d\d?)\b(?:,? (\d{{4}})\b)?", _month_day),
    (rf"\b(\d\d?):(\d\d)\b{_HALF_DAY}?", _time),
    (rf"\b(\d\d?)(?::(\d\d))?{_HALF_DAY}", _time),
    (r"\b(\d\d?)-(?=\d\d?\b)", lambda m: f"{m[1]} to "),
    (r"(?<=\d)-(?=\d)", lambda _: ", "),
    (r"\b(\d{1,4})(?:st|nd|rd|th)\b", lambda m: ordinal(int(m[1]))),
    (r"\b(\d+)\.(\d+)\b", _decimal),
    (r"%", lambda _: " percent"),
    (r"\d{1,3}(?:,\d{3})+(?!\d)|\d+", lambda m: f" {_integer(m[0])} "),
    (r"\b(?:[A-Z]\.){2,}", _letters),
    (r"\bA{2,4}\b|\b[B-HJ-Z]\b(?!')|(?<=[Cc]lass )A\b", _letters),
    (r"&", lambda _: " and "),
    (r"[’‘]", lambda _: "'"),
    (r"[–—]", lambda _: ", "),
    (r"[^\w\s.,;:?!'-]", lambda _: " "),
)
_COMPILED = tuple((re.compile(pattern), say) for pattern, say in _RULES)
_TIDY = (
    (re.compile(r"(?<=\w) *- *(?=\w)"), "-"),
    (re.compile(r"\s+"), " "),
    (re.compile(r" (?=[.,;:?!])"), ""),
    (re.compile(r",(?=[.,;:?!])"), ""),
    (re.compile(r"^[\s.,;:?!-]+"), ""),
)


def words(text: str, pronunciations: Mapping[str, str] | None = None) -> str:
    """Text with every figure, amount, date, lone letter and symbol said in words."""
    text = "".join(" " if c == "_" or (c.isnumeric() and not c.isdecimal()) else c for c in text)
    for written, spoken in (pronunciations or {}).items():
        text = re.sub(rf"\b{re.escape(written)}\b", spoken.replace("\\", ""), text)
    for pattern, say in _COMPILED:
        text = pattern.sub(say, text)
    return tidy("".join(c for c in text if not c.isnumeric()))


def tidy(text: str) -> str:
    """Spaces and commas as they are after parts were put together."""
    for pattern, instead in _TIDY:
        text = pattern.sub(instead, text)
    return text.strip()
