"""Free text as words that every engine reads alike: no figure, symbol or lone letter is left.

Engines differ in how they read "6/30", "Class A five-year" ("class uh") or "<b>"; what is left
for them here are words, commas and the ends of sentences. Rules are tried in their order, and each
leaves words behind. Decision 78 says why they are ours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

from bot.numerals import DIGITS, LARGEST, cardinal, large, one_by_one, ordinal, year
from bot.prompts.spoken_dates import MONTHS, say_clock, say_date, say_time

_NAMES = (
    "bee see dee ee ef gee aitch I jay kay el em en oh pee cue ar ess tee you vee "
    "double-you ex why zee"
)
_LETTERS = dict(zip("BCDEFGHIJKLMNOPQRSTUVWXYZ", _NAMES.split(), strict=True))
_TIMES = ("", "", "double ", "triple ", "quadruple ")
FRACTIONS: Mapping[tuple[int, int], str] = {
    (1, 2): "one half",
    (1, 3): "one third",
    (2, 3): "two thirds",
    (1, 4): "one quarter",
    (3, 4): "three quarters",
    (1, 8): "one eighth",
    (3, 8): "three eighths",
    (5, 8): "five eighths",
    (7, 8): "seven eighths",
}
_FRACTION_SLASH = "⁄"
ABBREVIATIONS: Mapping[str, str] = {
    "Ave.": "Avenue",
    "Blvd.": "Boulevard",
    "Dept.": "Department",
    "Dr.": "Doctor",
    "Hwy.": "Highway",
    "Mr.": "Mister",
    "Mrs.": "Missus",
    "Ms.": "Miz",
    "Rd.": "Road",
    "Ste.": "Suite",
    "Univ.": "University",
    "approx.": "approximately",
    "e.g.": "for example",
    "etc.": "and so on",
    "hrs.": "hours",
    "i.e.": "that is",
    "incl.": "including",
    "min.": "minutes",
    "vs.": "versus",
    "w/o": "without",
    "w/": "with",
    "yrs.": "years",
    "M.Ed.": "em ed",
    "Ed.D.": "ed dee",
    "Ed.S.": "ed ess",
    "Ph.D.": "pee aitch dee",
}
"""Abbreviations; a month and "No. 5" have separate rules."""
DECADES: Mapping[int, str] = {
    20: "twenties",
    30: "thirties",
    40: "forties",
    50: "fifties",
    60: "sixties",
    70: "seventies",
    80: "eighties",
    90: "nineties",
}


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


def say_digits(digits: str) -> str:
    """Digits one at a time, a comma between groups."""
    return ", ".join(" ".join(group) for group in one_by_one(digits))


# -- numbers ----------------------------------------------------------------------------------


def _integer(text: str) -> str:
    """A number with commas as one; without, a long one or one that begins with 0 by its digits."""
    digits = text.replace(",", "")
    number = int(digits)
    if "," in text and len(digits) <= 15:
        return large(number)
    if number > LARGEST or (digits.startswith("0") and len(digits) > 1):
        return say_digits(digits)
    return year(number) if 1900 <= number < 2100 else cardinal(number)


def _decimal(match: re.Match[str]) -> str:
    whole = _count(match[1]) if match[1] else "zero"
    return f"{whole} point {' '.join(DIGITS[int(digit)] for digit in match[2])}"


def _count(text: str) -> str:
    """A number that is an amount, and so no year."""
    digits = text.replace(",", "")
    return large(int(digits)) if len(digits) <= 15 else say_digits(digits)


def _money(match: re.Match[str]) -> str:
    whole, cents, scale = match[1], match[2], match[3]
    if scale:
        point = f" point {' '.join(DIGITS[int(digit)] for digit in cents)}" if cents else ""
        return f"{_count(whole)}{point} {scale} dollars"
    if cents and len(cents) != 2:
        return f"{_decimal(match)} dollars"
    parts = [_coins(_count(whole), "dollar")] if int(whole.replace(",", "")) or not cents else []
    if cents and int(cents):
        parts.append(_coins(cardinal(int(cents)), "cent"))
    return " and ".join(parts) or "zero dollars"


def _coins(number: str, coin: str) -> str:
    return f"{number} {coin}" if number == "one" else f"{number} {coin}s"


def _fraction(match: re.Match[str]) -> str:
    """``one half``; ``one and a half``. Others are said as ``five over seven``."""
    whole, part = match[1], (int(match[2]), int(match[3]))
    said = FRACTIONS.get(part, f"{cardinal(part[0])} over {cardinal(part[1])}")
    if not whole:
        return said
    return f"{_count(whole)} and {re.sub('^one ', 'a ', said)}"


def _ordinal(match: re.Match[str]) -> str:
    digits = match[1].replace(",", "")
    return ordinal(int(digits)) if len(digits) <= 15 else say_digits(digits)


def _range(match: re.Match[str]) -> str:
    """Both ends as they are."""
    return f"{_integer(match[1])} to {_integer(match[2])}"


def _decade(match: re.Match[str]) -> str:
    century, tens = match[1], int(match[2])
    if not century:
        return DECADES.get(tens, cardinal(tens))
    if tens:
        return f"{cardinal(int(century))} {DECADES.get(tens, 'tens')}"
    return "two thousands" if century == "20" else f"{cardinal(int(century))} hundreds"


# -- dates, times, telephones -----------------------------------------------------------------


def _iso_date(match: re.Match[str]) -> str:
    try:
        return say_date(date.fromisoformat(match.group()))
    except ValueError:
        return say_digits(match.group().replace("-", ""))


def _slash_date(match: re.Match[str]) -> str:
    """Month/day, with a year of two or four digits; else a slash between two numbers."""
    month, day, years = int(match[1]), int(match[2]), match[3]
    in_full = int(years) + (2_000 if len(years) == 2 else 0) if years else 2_000
    try:
        return say_date(date(in_full, month, day), with_year=bool(years))
    except ValueError:
        numbers = [number for number in match.groups() if number]
        return ", ".join(map(_integer, numbers))


def _month_day(match: re.Match[str]) -> str:
    month = next(name for name in MONTHS if name.startswith(match[1][:3]))
    said = f"{month} {ordinal(int(match[2]))}"
    return f"{said}, {year(int(match[3]))}" if match[3] else said


def _time(match: re.Match[str]) -> str:
    return _time_of(match[1], match[2], match[3])


def _time_of(hours: str, minutes: str | None, half: str | None) -> str:
    hour, minute = int(hours), int(minutes or 0)
    if hour > 23 or minute > 59:
        return say_digits(f"{hours}{minutes or ''}")
    if half is None:
        return say_clock(hour, minute)
    return say_time(hour % 12 + (12 if half.lower() == "p" else 0), minute)


def _times(match: re.Match[str]) -> str:
    """From one time to another: ``eight in the morning to five in the afternoon``."""
    return f"{_time_of(match[1], match[2], match[3])} to {_time_of(match[4], match[5], match[6])}"


def _telephone(match: re.Match[str]) -> str:
    return say_digits("".join(filter(str.isdecimal, match.group())))


def _zip_code(match: re.Match[str]) -> str:
    parts = match.group().split("-")
    return ", ".join(" ".join(DIGITS[int(digit)] for digit in part) for part in parts)


def _letters(match: re.Match[str]) -> str:
    return spell(match.group().replace(".", ""))


_MONTH = "|".join(rf"{name}|{name[:4]}\.|{name[:3]}\.?" for name in MONTHS)
_HALF_DAY = r"(?:\s*([apAP])\.?[mM]\b\.?)"
_TO = r"\s*(?:-|–|—|to)\s*"
_NUMBER = r"\d{1,3}(?:,\d{3})+|\d+"
_PARTS = "|".join(rf"{top}/{bottom}" for top, bottom in FRACTIONS)

_Rule = tuple[str, Callable[[re.Match[str]], str]]
_RULES: tuple[_Rule, ...] = (
    (r"[’‘]", lambda _: "'"),
    (
        "|".join(rf"(?<![\w.]){re.escape(short)}(?!\w)" for short in ABBREVIATIONS),
        lambda m: ABBREVIATIONS[m[0]] + " ",
    ),
    (r"\bNo\. ?(?=\d)|#(?=\d)", lambda _: "number "),
    (rf"(?<=\d){_TO}(?=\$\d)", lambda _: " to "),
    (rf"\$({_NUMBER})(?:\.(\d+))?(?: (thousand|million|billion|trillion)\b)?", _money),
    (r"\b\d{4}-\d\d-\d\d\b", _iso_date),
    (r"\(\d{3}\) ?\d{3}[-.]\d{4}\b|(?:\+?\b1[-. ])?\b\d{3}[-.]\d{3}[-.]\d{4}\b", _telephone),
    (r"\b\d{5}-\d{4}\b", _zip_code),
    (rf"\b({_MONTH}) (\d\d?)(?:st|nd|rd|th)?\b(?:,? (\d{{4}})\b)?", _month_day),
    (rf"\b(\d\d?)(?::(\d\d))?{_HALF_DAY}?{_TO}(\d\d?)(?::(\d\d))?{_HALF_DAY}", _times),
    (rf"\b(\d\d?):(\d\d)\b{_HALF_DAY}?", _time),
    (rf"\b(\d\d?)(?::(\d\d))?{_HALF_DAY}", _time),
    (rf"(?:\b({_NUMBER}) ?)?\b(\d+){_FRACTION_SLASH}(\d+)\b", _fraction),
    (rf"(?:\b({_NUMBER}) )?\b(?=(?:{_PARTS})(?![\d/]))(\d)/(\d)", _fraction),
    (r"\b(\d\d?)/(\d\d?)(?:/(\d{4}|\d\d))?(?![\d/])", _slash_date),
    (r"(?:\b(1[89]|20)|(?<!\d)')(\d0)s\b", _decade),
    (rf"\b({_NUMBER})(?:st|nd|rd|th)\b", _ordinal),
    (rf"(?:\b({_NUMBER}))?\.(\d+)\b", _decimal),
    (r"\b(\d{1,4}) ?[-–—] ?(\d{1,4})\b(?!-\d)", _range),
    (r"(?<=\d)-(?=\d)", lambda _: ", "),
    (r"%", lambda _: " percent"),
    (rf"(?:{_NUMBER})(?!\d)", lambda m: f" {_integer(m[0])} "),
    (r"\b(?:[A-Z]\.){2,}", _letters),
    (r"\bA{2,4}\b|\b[B-HJ-Z]\b(?!')|(?<=[Cc]lass )A\b", _letters),
    (r"&", lambda _: " and "),
    (r"[–—]", lambda _: ", "),
    (r"[^\w\s.,;:?!'-]", lambda _: " "),
)
_COMPILED = tuple((re.compile(pattern), say, r"\d" in pattern) for pattern, say in _RULES)
"""With whether a rule is about figures, which most texts do not have."""
_TIDY = (
    (re.compile(r"(?<=\w) *- *(?=\w)"), "-"),
    (re.compile(r"\s+"), " "),
    (re.compile(r" (?=[.,;:?!])"), ""),
    (re.compile(r",(?=[.,;:?!])"), ""),
    (re.compile(r"^[\s.,;:?!-]+"), ""),
)


def words(text: str, pronunciations: Mapping[str, str] | None = None) -> str:
    """Text with every figure, amount, date, lone letter and symbol said in words."""
    text = "".join(map(_plain, text))
    for written, spoken in (pronunciations or {}).items():
        text = re.sub(rf"\b{re.escape(written)}\b", spoken.replace("\\", ""), text)
    has_figures = any(map(str.isdecimal, text))
    for pattern, say, of_figures in _COMPILED:
        if has_figures or not of_figures:
            text = pattern.sub(say, text)
    return tidy("".join(c for c in text if not c.isnumeric()))


def _plain(sign: str) -> str:
    """A fraction of one sign (½) as its figures; other numerals that are no digits are left out."""
    if sign == "_":
        return " "
    if not sign.isnumeric() or sign.isdecimal():
        return sign
    figures = unicodedata.normalize("NFKC", sign)
    return f" {figures}" if re.fullmatch(rf"[0-9]+{_FRACTION_SLASH}[0-9]+", figures) else " "


def tidy(text: str) -> str:
    """Spaces and commas as they are after parts were put together."""
    for pattern, instead in _TIDY:
        text = pattern.sub(instead, text)
    return text.strip()
