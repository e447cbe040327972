"""What a typed line is: keys, words, or both."""

from __future__ import annotations

import pytest

from bot.lines.text import entries

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("421903", ("421903",)),
        ("421-903", ("421903",)),
        ("42 19 03", ("421903",)),
        ("42–19–03.", ("421903",)),
        ("4 2 1 9 0 3", ("421903",)),
        ("(601) 555-0142", ("6015550142",)),
        ("my number is 421903", ("my number is 4 2 1 9 0 3",)),
        ("my number is 421-903, thanks!", ("my number is 4 2 1 9 0 3 thanks",)),
        ("forty-two 1 9", ("forty two 1 9",)),
        ("Yes, that's right.", ("Yes that's right",)),
        ("  what?  ", ("what",)),
        ("**", ("*", "*")),
        ("*", ("*",)),
        ("42#", ("42#",)),
        ("", ("",)),
        ("   ", ("",)),
        ("...", ("",)),
    ],
)
def test_a_typed_line_is_parsed_into_entries(typed: str, expected: tuple[str, ...]) -> None:
    assert entries(typed) == expected
