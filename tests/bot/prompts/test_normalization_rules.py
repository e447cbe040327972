"""Free text, rule by rule: every row of a table, and both sides of every limit in a rule."""

from __future__ import annotations

import string

import pytest

from bot.prompts.normalization import ABBREVIATIONS, DECADES, FRACTIONS, spell, words
from bot.prompts.spoken_dates import MONTHS

pytestmark = pytest.mark.unit

SHORT = {
    "Ave.": "Avenue",
    "Blvd.": "Boulevard",
    "Dept.": "Department",
    "Dr.": "Doctor",
    "Ed.D.": "ed dee",
    "Ed.S.": "ed ess",
    "Hwy.": "Highway",
    "M.Ed.": "em ed",
    "Mr.": "Mister",
    "Mrs.": "Missus",
    "Ms.": "Miz",
    "Ph.D.": "pee aitch dee",
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
    "w/": "with",
    "w/o": "without",
    "yrs.": "years",
}
PARTS = {
    "1/2": "one half",
    "1/3": "one third",
    "2/3": "two thirds",
    "1/4": "one quarter",
    "3/4": "three quarters",
    "1/8": "one eighth",
    "3/8": "three eighths",
    "5/8": "five eighths",
    "7/8": "seven eighths",
}
TENS = {
    "20": "twenties",
    "30": "thirties",
    "40": "forties",
    "50": "fifties",
    "60": "sixties",
    "70": "seventies",
    "80": "eighties",
    "90": "nineties",
}
NAMES = (
    *("A,", "bee", "see", "dee", "ee", "ef", "gee", "aitch", "I", "jay", "kay", "el", "em"),
    *("en", "oh", "pee", "cue", "ar", "ess", "tee", "you", "vee", "double-you", "ex", "why", "zee"),
)
NINES = (
    "nine hundred ninety-nine trillion nine hundred ninety-nine billion nine hundred ninety-nine "
    "million nine hundred ninety-nine thousand nine hundred ninety-nine"
)
ONE_AND_FIFTEEN_ZEROS = (
    "one zero zero, zero zero zero, zero zero zero, zero zero zero, zero zero zero zero"
)


def test_every_row_of_each_table_is_here() -> None:
    assert set(SHORT) == set(ABBREVIATIONS)
    assert set(PARTS) == {f"{top}/{bottom}" for top, bottom in FRACTIONS}
    assert set(TENS) == {str(tens) for tens in DECADES}


@pytest.mark.parametrize("short", SHORT)
def test_an_abbreviation_is_said_in_full_only_as_a_whole_word(short: str) -> None:
    assert words(f"the {short} one") == f"the {SHORT[short]} one"
    assert SHORT[short] not in words(f"the x{short}")


@pytest.mark.parametrize("part", PARTS)
def test_a_fraction_is_said_by_itself_and_after_a_number(part: str) -> None:
    assert words(f"{part} cup") == f"{PARTS[part]} cup"
    behind = PARTS[part].replace("one ", "a ")
    assert words(f"2 {part} cups") == f"two and {behind} cups"
    assert words(f"1,000 {part}") == f"one thousand and {behind}"
    assert words(part.replace("/", "⁄")) == PARTS[part]


@pytest.mark.parametrize("tens", TENS)
def test_a_decade_is_said_with_and_without_its_century(tens: str) -> None:
    assert words(f"the 18{tens}s") == f"the eighteen {TENS[tens]}"
    assert words(f"the 19{tens}s") == f"the nineteen {TENS[tens]}"
    assert words(f"the 20{tens}s") == f"the twenty {TENS[tens]}"
    assert words(f"the '{tens}s") == f"the {TENS[tens]}"


def test_every_letter_has_its_name() -> None:
    assert [spell(letter) for letter in string.ascii_uppercase] == list(NAMES)
    assert [spell(letter) for letter in string.ascii_lowercase] == list(NAMES)


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("BB", "double bee"),
        ("BBB", "triple bee"),
        ("BBBB", "quadruple bee"),
        ("BBBBB", "quadruple bee bee"),
        ("BCB", "bee see bee"),
        ("B44", "bee double four"),
        ("0", "zero"),
    ],
)
def test_a_run_of_one_letter_is_said_as_one(letters: str, said: str) -> None:
    assert spell(letters) == said


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_is_said_in_full_however_it_is_written(month: str) -> None:
    for written in (month, month[:3], f"{month[:3]}.", f"{month[:4]}."):
        assert words(f"by {written} 5") == f"by {month} fifth"
        assert words(f"by {written} 12, 2027") == f"by {month} twelfth, twenty twenty-seven"


RULES = {
    "days and months": {
        "1/2/2027": "January second, twenty twenty-seven",
        "01/02/27": "January second, twenty twenty-seven",
        "12/25": "December twenty-fifth",
        "3/2": "March second",
        "13/1": "thirteen, one",
        "1/32": "one, thirty-two",
        "1/1/00": "January first, two thousand",
        "2/28": "February twenty-eighth",
        "2/29": "February twenty-ninth",
        "2/30": "two, thirty",
        "2/29/24": "February twenty-ninth, twenty twenty-four",
        "2/29/23": "two, twenty-nine, twenty-three",
        "2/29/2024": "February twenty-ninth, twenty twenty-four",
        "2/29/2023": "two, twenty-nine, twenty twenty-three",
        "2024-02-29": "February twenty-ninth, twenty twenty-four",
        "2022-02-30": "two zero two, two zero two, three zero",
        "May 1st, 2027": "May first, twenty twenty-seven",
        "May 2nd": "May second",
        "May 3rd": "May third",
        "May 4th 2027": "May fourth, twenty twenty-seven",
    },
    "decades without tens": {
        "the 1800s": "the eighteen hundreds",
        "the 1900s": "the nineteen hundreds",
        "the 2000s": "the two thousands",
        "the 1910s": "the nineteen tens",
        "the 2010s": "the twenty tens",
    },
    "ranges": {
        "1900-05": "nineteen hundred to zero five",
        "1899-05": "one thousand eight hundred ninety-nine to zero five",
        "2025-26": "twenty twenty-five to twenty-six",
        "2025-2026": "twenty twenty-five to twenty twenty-six",
        "3 – 5": "three to five",
    },
    "times": {
        "8-5 p.m.": "eight to five in the afternoon",
        "8 to 5 pm": "eight to five in the afternoon",
        "8 AM - 12 PM": "eight in the morning to noon",
        "8:30 a.m.–4:45 p.m.": "eight thirty in the morning to four forty-five in the afternoon",
        "8:30-10:15 a.m.": "eight thirty to ten fifteen in the morning",
        "13:05": "thirteen zero five",
    },
    "numbers of telephones and places": {
        "(601) 555-0142": "six zero one, five five five, zero one four two",
        "601.555.0142": "six zero one, five five five, zero one four two",
        "1-601-555-0142": "one, six zero one, five five five, zero one four two",
        "+1 601-555-0142": "one, six zero one, five five five, zero one four two",
        "39205-0771": "three nine two zero five, zero seven seven one",
        "No. 5": "number five",
        "No.5": "number five",
        "#5": "number five",
    },
    "amounts": {
        "$0": "zero dollars",
        "$0.00": "zero dollars",
        "$0.01": "one cent",
        "$0.50": "fifty cents",
        "$1.00": "one dollar",
        "$1.01": "one dollar and one cent",
        "$2.5": "two point five dollars",
        "$2.505": "two point five zero five dollars",
        "$1900": "one thousand nine hundred dollars",
        "$1,250.75": "one thousand two hundred fifty dollars and seventy-five cents",
        "$5 thousand": "five thousand dollars",
        "$5 million": "five million dollars",
        "$2.05 billion": "two point zero five billion dollars",
        "$3 trillion": "three trillion dollars",
        "$5 - $10": "five dollars to ten dollars",
        "$5 to $10": "five dollars to ten dollars",
        "5 to $10": "five to ten dollars",
        "$999,999,999,999,999": f"{NINES} dollars",
        "$1,000,000,000,000,000": f"{ONE_AND_FIFTEEN_ZEROS} dollars",
    },
    "numbers": {
        "00": "zero zero",
        "010": "zero one zero",
        "1,900": "one thousand nine hundred",
        "1,234,567": "one million two hundred thirty-four thousand five hundred sixty-seven",
        "999,999,999,999,999": NINES,
        "1,000,000,000,000,000": ONE_AND_FIFTEEN_ZEROS,
        ".5": "zero point five",
        "0.05": "zero point zero five",
        "1900.25": "one thousand nine hundred point two five",
        "2,000.75": "two thousand point seven five",
        "1st": "first",
        "22nd": "twenty-second",
        "1,000th": "one thousandth",
        "999,999,999,999,999th": f"{NINES[:-1]}th",
        "1,000,000,000,000,000th": ONE_AND_FIFTEEN_ZEROS,
        "5⁄7": "five over seven",
        "3 5⁄7": "three and five over seven",
        "½": "one half",
        "1½": "one and a half",
        "m²": "m",
        "50%": "fifty percent",
    },
    "letters and signs": {
        "U.S. law": "you ess law",
        "AA, AAA, AAAA": "double A, triple A, quadruple A,",
        "class A, B-2": "class A, bee-two",
        "Part I": "Part I",
        "B's": "B's",
        "R&D": "ar and dee",
        "yes—no": "yes, no",
        "‘yes’": "'yes'",
        "B_C": "bee see",
        "a , b": "a, b",
        ",, a": "a",
        "a - b": "a-b",
    },
}


@pytest.mark.parametrize(
    ("written", "said"),
    [(written, said) for cases in RULES.values() for written, said in cases.items()],
)
def test_a_rule_says_what_people_would(written: str, said: str) -> None:
    assert words(written) == said


def test_a_word_with_an_irregular_pronunciation_is_no_pattern() -> None:
    spoken = {"MDE": r"em dee \1 ee", "a.b": "dot"}
    assert words("MDE, MDEs, a.b, axb", spoken) == "em dee one ee, MDEs, dot, axb"
