"""What callers say, as word lists: numbers, commands, preambles, and what is in no grammar."""

from __future__ import annotations

DIGITS = ("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
REPEATS = ("double", "triple")
NUMBERS = frozenset((*DIGITS, *TEENS, *TENS, *REPEATS, "hundred"))
