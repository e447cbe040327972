"""Values in words: what an engine is given never holds a figure, a symbol or a lone letter."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import numerals
from bot.prompts.normalization import spell, words
from bot.prompts.say_as import SAY_AS
from bot.prompts.spoken_dates import say_date
from bot.types import Silence

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (42, "forty-two"),
        (100, "one hundred"),
        (105, "one hundred five"),
        (1250, "one thousand two hundred fifty"),
        (9999, "nine thousand nine hundred ninety-nine"),
    ],
)
def test_numbers_are_spoken_in_words(number: int, said: str) -> None:
    assert numerals.cardinal(number) == said


@pytest.mark.parametrize("number", [-1, 10_000])
def test_numbers_out_of_range_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="no words"):
        numerals.cardinal(number)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "first"),
        (2, "second"),
        (3, "third"),
        (5, "fifth"),
        (8, "eighth"),
        (9, "ninth"),
        (12, "twelfth"),
        (20, "twentieth"),
        (22, "twenty-second"),
        (30, "thirtieth"),
        (31, "thirty-first"),
        (101, "one hundred first"),
    ],
)
def test_ordinals(number: int, said: str) -> None:
    assert numerals.ordinal(number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (2022, "twenty twenty-two"),
        (2009, "two thousand nine"),
        (2000, "two thousand"),
        (1999, "nineteen ninety-nine"),
        (1905, "nineteen hundred five"),
        (1900, "nineteen hundred"),
    ],
)
def test_years_are_spoken_as_people_say_them(number: int, said: str) -> None:
    assert numerals.year(number) == said


def test_a_date_is_spoken_with_ordinal_and_year() -> None:
    assert say_date(date(2022, 3, 3)) == "March third, twenty twenty-two"


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("A", "A,"),
        ("AA", "double A,"),
        ("AAAA", "quadruple A,"),
        ("B", "bee"),
        ("TTY", "double tee why"),
    ],
)
def test_letters_are_spoken_by_name(letters: str, said: str) -> None:
    assert spell(letters) == said


@pytest.mark.parametrize(
    ("digits", "grouped"),
    [
        ("7", ("7",)),
        ("4219", ("42", "19")),
        ("04219", ("042", "19")),
        ("421903", ("421", "903")),
        ("5550142", ("555", "0142")),
        ("6015550142", ("601", "555", "0142")),
        ("16015550142", ("1", "601", "555", "0142")),
    ],
)
def test_digits_are_grouped_as_people_remember_them(digits: str, grouped: tuple[str, ...]) -> None:
    assert numerals.groups(digits) == grouped


@given(st.text(alphabet="0123456789", min_size=1, max_size=12))
def test_digits_are_spoken_one_at_a_time_and_never_as_oh(digits: str) -> None:
    spoken = SAY_AS["digits"].spoken(digits)
    said = [part for part in spoken if isinstance(part, str)]
    pauses = [part for part in spoken if isinstance(part, Silence)]
    assert said == [numerals.DIGITS[int(digit)] for digit in digits]
    assert len(pauses) == len(digits) - 1
    assert all(pause.ms >= 250 for pause in pauses)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Class A five-year", "Class A, five-year"),
        ("Class A, five-year", "Class A, five-year"),
        ("A letter was sent.", "A letter was sent."),
        (
            "10 CEUs or $50.25 by 2022-06-30",
            "ten CEUs or fifty dollars and twenty-five cents by June thirtieth, twenty twenty-two",
        ),
        ("valid through June 30, 2027.", "valid through June thirtieth, twenty twenty-seven."),
        ("8 a.m. to 5:30 p.m.", "eight in the morning to five thirty in the afternoon"),
        ("3-5 weeks", "three to five weeks"),
        ("Box 0771", "Box zero seven, seven one"),
        ("call 601-555-0142", "call six zero one, five five five, zero one four two"),
        ("10% of 3.5", "ten percent of three point five"),
        ("T T Y", "tee tee why"),
        ("P.O. Box", "pee oh Box"),
        ("the 3rd & last", "the third and last"),
        ("<genfile> [[h]]", "genfile h"),
        ("March 99", "March ninety-ninth"),
        ("25:99 or 2022-13-45", "two five, nine nine or two zero two, two one three, four five"),
    ],
)
def test_free_text_is_spoken_in_words(written: str, said: str) -> None:
    assert words(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("12 a.m.", "midnight"),
        ("11:59 a.m.", "eleven fifty-nine in the morning"),
        ("12 p.m.", "noon"),
        ("12:01 p.m.", "twelve zero one in the afternoon"),
        ("1 p.m.", "one in the afternoon"),
        ("5:59 p.m.", "five fifty-nine in the afternoon"),
        ("6 p.m.", "six in the evening"),
        ("11:10 p.m.", "eleven ten in the evening"),
        ("9:09", "nine zero nine"),
        ("9:10", "nine ten"),
        ("22:00", "twenty-two"),
        ("23:59", "twenty-three fifty-nine"),
        ("23:60", "two three, six zero"),
        ("24:00", "two four, zero zero"),
    ],
)
def test_times_are_spoken_up_to_the_last_minute_of_each_part_of_the_day(
    written: str, said: str
) -> None:
    assert words(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1899", "one thousand eight hundred ninety-nine"),
        ("1900", "nineteen hundred"),
        ("2099", "twenty ninety-nine"),
        ("2100", "two thousand one hundred"),
        ("2,022", "two thousand twenty-two"),
        ("9999", "nine thousand nine hundred ninety-nine"),
        ("10000", "one zero zero, zero zero"),
        ("0", "zero"),
        ("07", "zero seven"),
        ("$1", "one dollar"),
        ("$2.01", "two dollars and one cent"),
        ("$1.02", "one dollar and two cents"),
        ("$3.00", "three dollars"),
        ("June 1 2027", "June first, twenty twenty-seven"),
    ],
)
def test_numbers_and_amounts_are_spoken_on_both_sides_of_each_limit(
    written: str, said: str
) -> None:
    assert words(written) == said


@given(st.text(max_size=80))
@example("B¼")
@example("B_")
def test_no_text_leaves_a_figure_a_symbol_or_a_lone_letter(text: str) -> None:
    said = words(text)
    assert not any(c.isnumeric() for c in said)
    assert not re.search(r"[<>\[\]{}&$%#*|\\]", said)
    assert not re.search(r"(?<![\w'])[B-HJ-Z](?![\w'])", said)


def test_a_pronunciation_replaces_whole_words() -> None:
    assert words("ELMS at HELMS", {"ELMS": "Elms"}) == "Elms at HELMS"


@pytest.mark.parametrize(
    ("say_as", "value"),
    [
        ("digits", "12a"),
        ("digits", ""),
        ("digits", "١٢"),
        ("date", "2022-03-03"),
        ("year", 22),
        ("cardinal", "6"),
        ("cardinal", True),
        ("cardinal", 10_000),
        ("list", ()),
        ("list", "one"),
        ("letters", "A-B"),
        ("text", " "),
        ("time", "25:00"),
    ],
)
def test_an_invalid_value_is_refused(say_as: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        SAY_AS[say_as].spoken(value)  # type: ignore[arg-type]


def test_every_say_as_type_can_speak_and_write_its_own_sample() -> None:
    for say_as in SAY_AS.values():
        assert say_as.written(say_as.sample)
        assert any(isinstance(part, str) and part for part in say_as.spoken(say_as.sample))


def test_written_text_keeps_figures() -> None:
    assert SAY_AS["digits"].written("042190") == "042 190"
    assert SAY_AS["date"].written(date(2022, 3, 3)) == "March 3, 2022"
    assert SAY_AS["list"].written(("a", "b", "c")) == "a, b, and c"
    assert SAY_AS["telephone"].written("6015550142") == "601-555-0142"
