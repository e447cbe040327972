"""The script of a synthetic session: digits and pairs, commands, preambles, other words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from acoustic_model.data.caller_phrases import (
    AFTERTHOUGHTS,
    COMMANDS,
    DIGITS,
    FOREIGN,
    LETTERS,
    MADE_SENTENCE,
    OTHER_SENTENCES,
    OTHER_WORDS,
    POLITE_COMMANDS,
    PREAMBLES,
    REPEATS,
    TEENS,
    TENS,
)

_LENGTHS = (1, 2, 3, 4, 4, 4, 5, 6, 6, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class Line:
    """One line to speak."""

    spoken: tuple[str, ...]
    """English words, lower case; empty if `text` is in another language."""
    text: str
    """As passed to the synthesizer, with pauses."""


class Script:
    """Draws the lines of a session; equal seeds give equal lines."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._bag: list[str] = []

    def english(self) -> list[Line]:
        """The lines of an English voice, about 34."""
        commands = self._some(COMMANDS, 9) + self._some(POLITE_COMMANDS, 3)
        others = self._some(OTHER_WORDS, 2) + self._some(OTHER_SENTENCES, 2)
        lines = [*self._numbers(5, 7), *map(self._line, commands), *map(self._line, others)]
        lines += [self._line(self._made_sentence()), self._line(self._spelled())]
        return lines

    def accented(self) -> list[Line]:
        """The lines of a voice with a foreign accent, about 25."""
        commands = self._some(COMMANDS, 6) + self._some(POLITE_COMMANDS, 1)
        return [
            *self._numbers(5, 7),
            *map(self._line, commands),
            *map(self._line, self._some(OTHER_WORDS, 2)),
        ]

    def foreign(self, language: str) -> list[Line]:
        """Two lines in another language, or none without text in that language."""
        return [Line((), text) for text in self._some(FOREIGN.get(language, ()), 2)]

    def digits(self, length: int) -> tuple[str, ...]:
        """Digits drawn from a bag that holds each digit once; some repeat."""
        drawn: list[str] = []
        repeating = self._rng.random() < 0.3
        while len(drawn) < length:
            if drawn and repeating and self._rng.random() < 0.4:
                drawn.append(drawn[-1])
                continue
            if not self._bag:
                self._bag = self._some(DIGITS, len(DIGITS))
            drawn.append(self._bag.pop())
        return tuple(drawn)

    def _numbers(self, alone: int, strings: int) -> list[Line]:
        lines = [self._line(" ".join(self.digits(1))) for _ in range(alone)]
        for _ in range(strings):
            lines.append(self._string(self.digits(self._pick(_LENGTHS))))
        lines.append(self._string((self._one(REPEATS), *self.digits(self._pick((1, 2, 3))))))
        lines += [self._string(self._pairs()) for _ in range(3)]
        preamble = tuple(self._one(PREAMBLES).split())
        said = self.digits(self._pick((2, 4, 4, 6)))
        after = self._one(AFTERTHOUGHTS).split() if self._rng.random() < 0.25 else ()
        lines.append(self._string((*preamble, *said, *after)))
        return lines

    def _pairs(self) -> tuple[str, ...]:
        """A number in groups, as people say it: forty two nineteen, twelve hundred."""
        words: list[str] = []
        for _ in range(self._pick((1, 2, 2, 3))):
            shape = self._rng.integers(7)
            if shape <= 1:
                words.append(self._one(TEENS))
            elif shape == 2:
                words.append(self._one(TENS))
            elif shape == 3:
                words += [self._one((*DIGITS[2:], *TEENS)), "hundred"]
            elif shape == 4:
                words += [self._one((*TEENS, *TENS)), "oh", self._one(DIGITS[2:])]
            else:
                words += [self._one(TENS), self._one(DIGITS[2:])]
        return tuple(words)

    def _string(self, words: tuple[str, ...]) -> Line:
        joint = self._one((" ", " ", " ", ", ", ". "))
        grouped = self._rng.random() < 0.3 and len(words) > 3
        if grouped:
            size = self._pick((2, 3))
            groups = [" ".join(words[at : at + size]) for at in range(0, len(words), size)]
            return Line(words, ", ".join(groups))
        return Line(words, joint.join(words))

    def _line(self, text: str) -> Line:
        return Line(tuple(text.split()), text)

    def _made_sentence(self) -> str:
        return " ".join(self._one(part) for part in MADE_SENTENCE).strip()

    def _spelled(self) -> str:
        return " ".join(self._some(LETTERS, self._pick((1, 2, 3, 4))))

    def _one(self, choices: Sequence[str]) -> str:
        return choices[int(self._rng.integers(len(choices)))]

    def _pick(self, choices: Sequence[int]) -> int:
        return choices[int(self._rng.integers(len(choices)))]

    def _some(self, choices: Sequence[str], count: int) -> list[str]:
        order = self._rng.permutation(len(choices))[:count]
        return [choices[int(at)] for at in order]
