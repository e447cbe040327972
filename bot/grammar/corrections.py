"""Numbers that a caller takes back: "four two one nine oh four, no, four two one nine oh three".

A mark separates the wrong digits from the right ones: "no", "sorry", "I mean". After it comes the
whole number, or the last of its digits. Fewer digits, if it is not clear which they replace,
replace as many at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.grammar.grammars import Grammar
from bot.grammar.match_result import Answer, Reading

LONGEST_MARK = 12
"""Words."""


def corrected(own: Grammar, marks: Grammar, tokens: Sequence[str]) -> Reading:
    """Return what the tokens mean with their last correction; NO if there is none.

    A mark at the end counts as a beginning: the caller is about to say what is meant.
    """
    for start in range(len(tokens) - 1, 0, -1):
        ends = range(min(len(tokens), start + LONGEST_MARK), start, -1)
        end = next((one for one in ends if marks.match(tokens[start:one]).answer.complete), None)
        if end is None or _begins_before(marks, tokens, start, end):
            continue
        before = _digits(own, marks, tokens[:start])
        if not before:
            return Reading(Answer.NO)
        return _replaced(own, before, tokens[end:])
    return Reading(Answer.NO)


def _begins_before(marks: Grammar, tokens: Sequence[str], start: int, end: int) -> bool:
    """Return True if the mark has more words before these."""
    longest = max(1, start - LONGEST_MARK)
    return any(
        marks.match(tokens[one:end]).answer.complete for one in range(start - 1, longest - 1, -1)
    )


def _digits(own: Grammar, marks: Grammar, tokens: Sequence[str]) -> str:
    """Return the digits that are taken back, some or all."""
    reading = own.match(tokens)
    if reading.answer is Answer.NO:
        reading = corrected(own, marks, tokens)
    return next(iter((*reading.values, *reading.partial)), "")


def _replaced(own: Grammar, before: str, tokens: Sequence[str]) -> Reading:
    if not tokens:
        return Reading(Answer.POTENTIAL)
    after = own.match(tokens)
    if after.answer is not Answer.POTENTIAL:
        return after
    digits = next(iter(after.partial), "")
    kept = before[: len(before) - len(digits)]
    whole = own.match(tuple(kept + digits)) if digits and kept else after
    if not whole.answer.complete:
        return after
    return Reading(Answer.MATCH, whole.values, after.partial, spliced=True)
