"""A matcher's answer: how far tokens got in a grammar, and what they mean.

Values are digits of numbers and PINs, so no ``repr`` here shows them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Answer(Enum):
    """The relation of tokens to a grammar; it drives every timer of a turn.

    ``NO``: nothing that begins like this is in the grammar. ``POTENTIAL``: a beginning, not yet
    complete. ``MATCH``: complete, and what follows can change the meaning. ``MAX``: complete, and
    nothing that follows changes the meaning (a courtesy such as "please" does not).
    """

    NO = "no"
    POTENTIAL = "potential"
    MATCH = "match"
    MAX = "max"

    @property
    def complete(self) -> bool:
        """True if there is a value to act on."""
        return self in (Answer.MATCH, Answer.MAX)


@dataclass(frozen=True, slots=True)
class Reading:
    """One grammar's answer for some tokens.

    ``values`` are those of the complete readings, preferred first, each once; empty unless the
    answer is complete. ``partial`` has the values so far of an incomplete entry (the digits of a
    number that is too short), preferred first. ``spliced`` is True if the digits of the values were
    spoken apart: some replace others.
    """

    answer: Answer
    values: tuple[str, ...] = field(default=(), repr=False)
    partial: tuple[str, ...] = field(default=(), repr=False)
    spliced: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """The joint answer of several active grammars for some tokens.

    ``values`` are pairs of grammar name and value, the field's own grammar first. ``partial`` and
    ``spliced`` are those of the field's own grammar.
    """

    answer: Answer
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    partial: tuple[str, ...] = field(default=(), repr=False)
    spliced: bool = False
