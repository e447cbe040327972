"""What was said, as a transcriber writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hearing.spellings import before_number, figures, is_number, number_at_end, spellings

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("five", {"Five", "5"}),
        ("four two one nine", {"Four two one nine", "4 2 1 9", "4, 2, 1, 9", "4219"}),
        ("four oh zero", {"Four oh zero", "4 0 0", "4, 0, 0", "400"}),
        ("double four one", {"Double four one", "44 1", "44, 1", "441"}),
        ("triple nine", {"Triple nine", "999"}),
        ("forty two nineteen", {"Forty-two nineteen", "42 19", "42, 19", "4219"}),
        ("twenty oh three", {"Twenty oh three", "20 0 3", "20, 0, 3", "2003"}),
        ("twenty", {"Twenty", "20"}),
        ("twelve hundred thirty four", {"Twelve hundred thirty-four", "1234"}),
        ("six hundred and five", {"Six hundred and five", "605"}),
        ("six hundred oh five", {"Six hundred oh five", "605"}),
        ("nineteen hundred", {"Nineteen hundred", "1900"}),
        ("one hundred oh", {"One hundred oh", "100 0", "100, 0", "1000"}),
        ("double", {"Double"}),
        (
            "my i d number is four two",
            {"My ID number is four two", "My ID number is 4 2", "My ID number is 4, 2"}
            | {"My ID number is 42"},
        ),
        ("four two please", {"Four two please", "4 2 please", "4, 2 please", "42 please"}),
        ("uh five", {"Five", "5", "Uh five", "Uh, five", "Uh 5", "Uh, 5"}),
        ("four uh five", {"Four five", "4 5", "4, 5", "45", "Four uh five", "4 uh 5"}),
        (
            "four two no four three",
            {"Four two no four three", "4 2 no 4 3", "4, 2 no 4, 3", "42 no 43"},
        ),
        ("two thousand nine", {"Two thousand nine", "2009"}),
        ("two thousand oh nine", {"Two thousand oh nine", "2009"}),
        ("two thousand", {"Two thousand", "2000"}),
        (
            "four hundred twenty one thousand nine hundred and three",
            {"Four hundred twenty-one thousand nine hundred and three", "421903"},
        ),
        ("treble nine", {"Treble nine", "999"}),
        ("uh huh", {"Uh huh", "Uh, huh"}),
        ("[unk] five", {"Five", "5"}),
        ("yes", {"Yes"}),
        ("yes ma'am", {"Yes ma'am", "Yes, ma'am"}),
        ("no that's wrong", {"No that's wrong", "No, that's wrong"}),
        ("good bye", {"Goodbye"}),
        ("my application status", {"My application status"}),
        ("uh", {"Uh"}),
        ("[unk]", set()),
        ("", set()),
    ],
)
def test_spoken_text_has_these_spellings(said: str, written: set[str]) -> None:
    found = spellings(tuple(said.split()))
    assert set(found) == written
    assert len(found) == len(written)


WORDS = {
    **{"0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five"},
    **{"6": "six", "7": "seven", "8": "eight", "9": "nine", "o": "oh"},
}


@given(st.text("0123456789o", min_size=2, max_size=12))
def test_digits_spoken_one_by_one_are_written_separately_or_together(said: str) -> None:
    words = [WORDS[digit] for digit in said]
    digits = said.replace("o", "0")
    spoken = " ".join(words)
    assert set(spellings(words)) == {
        " ".join(digits),
        ", ".join(digits),
        digits,
        spoken[0].upper() + spoken[1:],
    }


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("four two", True),
        ("it's forty", True),
        ("yes please", False),
        ("hundred", True),
        ("", False),
    ],
)
def test_a_number_is_recognized_by_its_words(said: str, number: bool) -> None:
    assert is_number(said.split()) == number


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("four two one", "421"),
        ("forty two nineteen oh three", "421903"),
        ("double four one", "441"),
        ("my number is four two thank you", "42"),
        ("twelve hundred thirty four", "1234"),
        ("yes", ""),
        ("", ""),
    ],
)
def test_the_figures_of_a_number_are_its_digits(said: str, digits: str) -> None:
    assert figures(said.split()) == digits


@pytest.mark.parametrize(
    ("said", "before", "number"),
    [
        ("i think it's four two", "i think it's", "four two"),
        ("four two", "", "four two"),
        ("my pin just a four two", "my pin just a", "four two"),
        ("it's four where two", "it's", ""),
        ("it's four two please", "it's", ""),
        ("yes please", "", ""),
        ("", "", ""),
    ],
)
def test_a_number_at_the_end_and_what_precedes_it_are_told_apart(
    said: str, before: str, number: str
) -> None:
    words = tuple(said.split())
    assert (" ".join(before_number(words)), " ".join(number_at_end(words))) == (before, number)
