"""Free text in words: one table of what departments write, by kind.

Dates, times, ranges, fractions, and money are after the public test tables of NeMo's English text
normalization and of Unicode CLDR's number spelling, as far as they occur in licensure.
"""

from __future__ import annotations

import pytest

from bot.prompts.normalization import words

pytestmark = pytest.mark.unit

NUMBERS = (
    ("10,000 hours", "ten thousand hours"),
    ("1,234,567 of them", "one million two hundred thirty-four thousand five hundred sixty-seven "
     "of them"),
    ("100,000", "one hundred thousand"),
    ("421903", "four two one, nine zero three"),
    ("Box 771", "Box seven hundred seventy-one"),
    ("007", "zero zero seven"),
    ("1,000th", "one thousandth"),
    ("the 21st", "the twenty-first"),
    ("101st", "one hundred first"),
    ("10,000th", "ten thousandth"),
    ("No. 5", "number five"),
    ("#3", "number three"),
    ("No. It is", "No. It is"),
    (".5 credits", "zero point five credits"),
    ("0.5", "zero point five"),
    ("3.14", "three point one four"),
    ("1,234.5", "one thousand two hundred thirty-four point five"),
    ("99.9%", "ninety-nine point nine percent"),
)  # fmt: skip
FRACTIONS = (
    ("½ credit", "one half credit"),
    ("1½ hours", "one and a half hours"),
    ("2¾", "two and three quarters"),
    ("1/2 day", "one half day"),
    ("3 1/2 hours", "three and a half hours"),
    ("¼ and ¾", "one quarter and three quarters"),
    ("⅔ of it", "two thirds of it"),
    ("1⁄7", "one over seven"),
)
MONEY = (
    ("$1", "one dollar"),
    ("$5.00", "five dollars"),
    ("$0.50", "fifty cents"),
    ("$1.01", "one dollar and one cent"),
    ("$10,000", "ten thousand dollars"),
    ("$1.5 million", "one point five million dollars"),
    ("$2 billion", "two billion dollars"),
    ("$1999", "one thousand nine hundred ninety-nine dollars"),
    ("$5-$10", "five dollars to ten dollars"),
)
DATES = (
    ("6/30/2022", "June thirtieth, twenty twenty-two"),
    ("06/30/22", "June thirtieth, twenty twenty-two"),
    ("6/30", "June thirtieth"),
    ("2/29/2024", "February twenty-ninth, twenty twenty-four"),
    ("13/45", "thirteen, forty-five"),
    ("2022-06-30", "June thirtieth, twenty twenty-two"),
    ("Sept. 15", "September fifteenth"),
    ("Sep 15, 2022", "September fifteenth, twenty twenty-two"),
    ("Jan. 3rd", "January third"),
    ("June 30th, 2027", "June thirtieth, twenty twenty-seven"),
    ("May 5", "May fifth"),
    ("may 5 apply", "may five apply"),
    ("Marching 5", "Marching five"),
    ("the 1990s", "the nineteen nineties"),
    ("the '90s", "the nineties"),
    ("the ’80s", "the eighties"),
    ("2010s", "twenty tens"),
    ("2000s", "two thousands"),
    ("in 2009", "in two thousand nine"),
)
TIMES = (
    ("8 a.m.-5 p.m.", "eight in the morning to five in the afternoon"),
    ("8:00 a.m. – 5:30 p.m.", "eight in the morning to five thirty in the afternoon"),
    ("8-5 p.m.", "eight to five in the afternoon"),
    ("8am to 12pm", "eight in the morning to noon"),
    ("12 p.m.", "noon"),
    ("12:00 a.m.", "midnight"),
    ("12:30 p.m.", "twelve thirty in the afternoon"),
    ("9:05 a.m.", "nine zero five in the morning"),
    ("at 7 PM", "at seven in the evening"),
    ("17:30", "seventeen thirty"),
)
RANGES = (
    ("3-5 weeks", "three to five weeks"),
    ("3–5 weeks", "three to five weeks"),
    ("10 - 12", "ten to twelve"),
    ("2021-2022", "twenty twenty-one to twenty twenty-two"),
    ("2021-22", "twenty twenty-one to twenty-two"),
    ("grades 7-12", "grades seven to twelve"),
    ("out-of-state", "out-of-state"),
    ("five-year", "five-year"),
)
TELEPHONES = (
    ("(601) 359-3483", "six zero one, three five nine, three four eight three"),
    ("601-359-3483", "six zero one, three five nine, three four eight three"),
    ("601.359.3483", "six zero one, three five nine, three four eight three"),
    ("1-800-444-7377", "one, eight zero zero, four four four, seven three seven seven"),
    ("39205-0771", "three nine two zero five, zero seven seven one"),
)
WRITTEN_SHORT = (
    ("O'Neil and O’Brien", "O'Neil and O'Brien"),
    ("Dr. Smith", "Doctor Smith"),
    ("forms etc.", "forms and so on"),
    ("e.g. scores", "for example scores"),
    ("Univ. of Mississippi", "University of Mississippi"),
    ("M.Ed. degree", "em ed degree"),
    ("Ph.D.", "pee aitch dee"),
    ("B.S. or B.A.", "bee ess or bee A,"),
    ("w/o fee", "without fee"),
    ("approx. 3 hrs.", "approximately three hours"),
    ("P.O. Box 771", "pee oh Box seven hundred seventy-one"),
    ("Class AA, five-year", "Class double A, five-year"),
    ("transcripts/scores", "transcripts scores"),
    ("R&D", "ar and dee"),
    ("plain words stay", "plain words stay"),
)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        *NUMBERS, *FRACTIONS, *MONEY, *DATES, *TIMES, *RANGES, *TELEPHONES, *WRITTEN_SHORT,
    ],
)  # fmt: skip
def test_free_text_is_spoken_as_a_person_reads_it(written: str, said: str) -> None:
    assert words(written) == said
