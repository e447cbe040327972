"""Every say-as name, with what is said, pauses too, what is written, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.prompts.say_as import SAY_AS
from bot.types import Silence, Value

pytestmark = pytest.mark.unit

DIGIT, GROUP = 250, 500
"""Pauses of RULES A7: between two digits, and between two groups of them, milliseconds."""


@dataclass(frozen=True)
class Row:
    name: str
    value: Value
    said: tuple[str | int, ...]
    """Words, and pauses in milliseconds."""
    written: str
    typed: str
    """How the value is given on a command line."""


MARCH_3, JUNE_30 = date(2022, 3, 3), date(2027, 6, 30)
TABLE = [
    Row("text", "Class A", ("Class A",), "Class A", "Class A"),
    Row("digits", "7", ("seven",), "7", "7"),
    Row("digits", "042", ("zero", DIGIT, "four", DIGIT, "two"), "042", "042"),
    Row(
        "digits",
        "5827",
        ("five", DIGIT, "eight", GROUP, "two", DIGIT, "seven"),
        "58 27",
        "5827",
    ),
    Row(
        "digits",
        "421903",
        ("four", DIGIT, "two", DIGIT, "one", GROUP, "nine", DIGIT, "zero", DIGIT, "three"),
        "421 903",
        "421903",
    ),
    Row(
        "known",
        "42?903",
        ("four", DIGIT, "two", DIGIT, "blank", GROUP, "nine", DIGIT, "zero", DIGIT, "three"),
        "42_ 903",
        "42?903",
    ),
    Row("known", "?0?", ("blank", DIGIT, "zero", DIGIT, "blank"), "_0_", "?0?"),
    Row(
        "telephone",
        "555-0142",
        (
            *("five", DIGIT, "five", DIGIT, "five", GROUP),
            *("zero", DIGIT, "one", DIGIT, "four", DIGIT, "two"),
        ),
        "555-0142",
        "555-0142",
    ),
    Row(
        "telephone",
        "1 601 555 0142",
        (
            *("one", GROUP, "six", DIGIT, "zero", DIGIT, "one", GROUP),
            *("five", DIGIT, "five", DIGIT, "five", GROUP),
            *("zero", DIGIT, "one", DIGIT, "four", DIGIT, "two"),
        ),
        "1-601-555-0142",
        "1 601 555 0142",
    ),
    Row("letters", "AA", ("double A,",), "AA", "AA"),
    Row("letters", "TTY", ("double tee why",), "TTY", "TTY"),
    Row("date", MARCH_3, ("March third, twenty twenty-two",), "March 3, 2022", "2022-03-03"),
    Row("date", JUNE_30, ("June thirtieth, twenty twenty-seven",), "June 30, 2027", "2027-06-30"),
    Row("day", MARCH_3, ("March third",), "March 3", "2022-03-03"),
    Row("day", JUNE_30, ("June thirtieth",), "June 30", "2027-06-30"),
    Row("year", 2027, ("twenty twenty-seven",), "2027", "2027"),
    Row("year", 1000, ("one thousand",), "1000", "1000"),
    Row("year", 9999, ("ninety-nine ninety-nine",), "9999", "9999"),
    Row("time", "08:00", ("eight in the morning",), "8:00 a.m.", "08:00"),
    Row("time", "17:30", ("five thirty in the afternoon",), "5:30 p.m.", "17:30"),
    Row("time", "00:00", ("midnight",), "12:00 a.m.", "00:00"),
    Row("time", "00:05", ("twelve zero five in the morning",), "12:05 a.m.", "00:05"),
    Row("time", "11:59", ("eleven fifty-nine in the morning",), "11:59 a.m.", "11:59"),
    Row("time", "12:00", ("noon",), "12:00 p.m.", "12:00"),
    Row("time", "12:59", ("twelve fifty-nine in the afternoon",), "12:59 p.m.", "12:59"),
    Row("time", "13:00", ("one in the afternoon",), "1:00 p.m.", "13:00"),
    Row("time", "17:59", ("five fifty-nine in the afternoon",), "5:59 p.m.", "17:59"),
    Row("time", "18:00", ("six in the evening",), "6:00 p.m.", "18:00"),
    Row("time", "23:10", ("eleven ten in the evening",), "11:10 p.m.", "23:10"),
    Row("cardinal", 0, ("zero",), "0", "0"),
    Row("cardinal", 27, ("twenty-seven",), "27", "27"),
    Row("cardinal", 9999, ("nine thousand nine hundred ninety-nine",), "9999", "9999"),
    Row("ordinal", 3, ("third",), "third", "3"),
    Row("ordinal", 21, ("twenty-first",), "twenty-first", "21"),
    Row("list", ("a test",), ("a test",), "a test", "a test"),
    Row("list", ("a", "b"), ("a and b",), "a and b", "a, b"),
    Row("list", ("a", "b", "c"), ("a, b, and c",), "a, b, and c", "a, b,c"),
]
REFUSED: dict[str, list[object]] = {
    "text": ["", " ", 7, None],
    "digits": ["", "12a", "1 2", "4?1", "-1", "١٢", "²", 421903],
    "known": ["", "12a", "4_1", "١٢?", 421903],
    "telephone": ["", "-", "601.555.0142", "+1", 6015550142],
    "letters": ["", "A-B", "A B", "É", 7],
    "date": ["2022-03-03", 2022, None],
    "day": ["2022-03-03", 3, None],
    "year": [999, 10_000, 22, "2022", True],
    "time": ["", "25:00", "17h", 17],
    "cardinal": [-1, 10_000, "6", 6.0, True],
    "ordinal": [-1, 10_000, "6", True],
    "list": [(), "one", ["one"], ("one", " ")],
}


def test_the_tables_have_every_name() -> None:
    assert {row.name for row in TABLE} == set(REFUSED) == set(SAY_AS)


def test_lengths_are_estimated_from_long_values() -> None:
    long_day, pieces = date(2022, 9, 27), ("official transcripts", "licensure test scores")
    assert {name: say_as.sample for name, say_as in SAY_AS.items()} == {
        "text": "Online Recommendation",
        "digits": "421903",
        "known": "42?903",
        "telephone": "601-555-0142",
        "letters": "AAAA",
        "date": long_day,
        "day": long_day,
        "year": 2027,
        "time": "17:30",
        "cardinal": 27,
        "ordinal": 27,
        "list": pieces,
    }


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.name} {row.typed}")
def test_a_value_is_spoken_written_and_read_from_a_command_line(row: Row) -> None:
    say_as = SAY_AS[row.name]
    said = tuple(
        part.ms if isinstance(part, Silence) else part for part in say_as.spoken(row.value)
    )
    assert said == row.said
    assert say_as.written(row.value) == row.written
    assert say_as.parse(row.typed) == row.value


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values]
)
def test_an_invalid_value_is_neither_spoken_nor_written(name: str, value: object) -> None:
    for way in (SAY_AS[name].spoken, SAY_AS[name].written):
        with pytest.raises((TypeError, ValueError)):
            way(value)  # type: ignore[arg-type]


WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "blank")


@given(st.text("0123456789?", min_size=1, max_size=12))
def test_a_missing_digit_is_never_spoken_as_a_digit(known: str) -> None:
    said = [part for part in SAY_AS["known"].spoken(known) if isinstance(part, str)]
    assert said == [WORDS["0123456789?".index(digit)] for digit in known]
