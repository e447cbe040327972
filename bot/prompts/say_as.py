"""Speaks and writes the slots of prompts by their SSML say-as names.

W3C "SSML 1.0 say-as attribute values" gives the names date, time, telephone, cardinal, ordinal;
``digits``, ``known``, ``letters``, ``year``, ``day``, ``list``, and ``text`` are in its spirit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time

from bot import numerals
from bot.prompts import normalization, spoken_dates
from bot.types import Silence, Value

DIGIT_GAP_MS = 250
"""Between two digits that are read back: time to check or write each one (RULES A7)."""

GROUP_GAP_MS = 500

Spoken = tuple[str | Silence, ...]


@dataclass(frozen=True, slots=True)
class SayAs:
    """One way to say a value.

    ``spoken`` and ``written`` raise TypeError or ValueError where the value does not fit;
    ``parse`` reads a value from a command line; ``sample`` is a long one, for estimates.
    """

    spoken: Callable[[Value], Spoken]
    written: Callable[[Value], str]
    parse: Callable[[str], Value]
    sample: Value


def say_digits_apart(digits: str) -> Spoken:
    """Each digit as a word of its own, with pauses that we make between digits and groups."""
    parts: list[str | Silence] = []
    for group in numerals.one_by_one(digits):
        for index, word in enumerate(group):
            if parts:
                parts.append(Silence(DIGIT_GAP_MS if index else GROUP_GAP_MS))
            parts.append(word)
    return tuple(parts)


def _text(value: Value) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError("requires text")
    return value


def _digits(value: Value) -> str:
    text = _text(value)
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("requires digits only")
    return text


def _known(value: Value) -> str:
    text = _text(value)
    _digits(text.replace(numerals.BLANK, "0"))
    return text


def _telephone(value: Value) -> str:
    return _digits(_text(value).replace("-", "").replace(" ", ""))


def _date(value: Value) -> date:
    if not isinstance(value, date):
        raise TypeError("requires a date")
    return value


def _year(value: Value) -> int:
    number = value.year if isinstance(value, date) else _number(value)
    if not 1000 <= number <= 9999:
        raise ValueError("requires a four-digit year")
    return number


def _number(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("expected a whole number")
    if not 0 <= value <= numerals.LARGEST:
        raise ValueError(f"expected a number from 0 to {numerals.LARGEST}")
    return value


def _time(value: Value) -> time:
    return time.fromisoformat(_text(value))


def _items(value: Value) -> tuple[str, ...]:
    if not isinstance(value, tuple) or not value:
        raise TypeError("requires a list with at least one item")
    return tuple(_text(item) for item in value)


def _letters(value: Value) -> str:
    text = _text(value)
    if not (text.isascii() and text.isalnum()):
        raise ValueError("requires letters only")
    return text


def _join(items: tuple[str, ...]) -> str:
    """``a``, ``a and b``, ``a, b, and c``."""
    if len(items) < 3:
        return " and ".join(items)
    return f"{', '.join(items[:-1])}, and {items[-1]}"


def _long_date(day: date) -> str:
    return f"{spoken_dates.MONTHS[day.month - 1]} {day.day}, {day.year}"


def _short_date(day: date) -> str:
    return f"{spoken_dates.MONTHS[day.month - 1]} {day.day}"


def _clock_words(at: time) -> str:
    return spoken_dates.say_time(at.hour, at.minute)


def _clock_figures(at: time) -> str:
    half = "a.m." if at.hour < 12 else "p.m."
    return f"{(at.hour - 1) % 12 + 1}:{at:%M} {half}"


def _one(words: str) -> Spoken:
    return (words,)


SAY_AS: Mapping[str, SayAs] = {
    "text": SayAs(lambda v: _one(_text(v)), _text, str, "Online Recommendation"),
    "digits": SayAs(
        lambda v: say_digits_apart(_digits(v)),
        lambda v: " ".join(numerals.groups(_digits(v))),
        str,
        "421903",
    ),
    "known": SayAs(
        lambda v: say_digits_apart(_known(v)),
        lambda v: " ".join(numerals.groups(_known(v).replace(numerals.BLANK, "_"))),
        str,
        "42?903",
    ),
    "telephone": SayAs(
        lambda v: say_digits_apart(_telephone(v)),
        lambda v: "-".join(numerals.groups(_telephone(v))),
        str,
        "601-555-0142",
    ),
    "letters": SayAs(lambda v: _one(normalization.spell(_letters(v))), _letters, str, "AAAA"),
    "date": SayAs(
        lambda v: _one(spoken_dates.say_date(_date(v))),
        lambda v: _long_date(_date(v)),
        date.fromisoformat,
        date(2022, 9, 27),
    ),
    "day": SayAs(
        lambda v: _one(spoken_dates.say_date(_date(v), with_year=False)),
        lambda v: _short_date(_date(v)),
        date.fromisoformat,
        date(2022, 9, 27),
    ),
    "year": SayAs(lambda v: _one(numerals.year(_year(v))), lambda v: str(_year(v)), int, 2027),
    "time": SayAs(
        lambda v: _one(_clock_words(_time(v))), lambda v: _clock_figures(_time(v)), str, "17:30"
    ),
    "cardinal": SayAs(
        lambda v: _one(numerals.cardinal(_number(v))), lambda v: str(_number(v)), int, 27
    ),
    "ordinal": SayAs(
        lambda v: _one(numerals.ordinal(_number(v))),
        lambda v: numerals.ordinal(_number(v)),
        int,
        27,
    ),
    "list": SayAs(
        lambda v: _one(_join(_items(v))),
        lambda v: _join(_items(v)),
        lambda text: tuple(item.strip() for item in text.split(",")),
        ("official transcripts", "licensure test scores"),
    ),
}
