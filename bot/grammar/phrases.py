"""What a recognizer is told to expect, and random sentences, out of a compiled grammar.

Vosk makes a bigram of its phrases and counts repetitions (vosk-api issues 740 and 1934). A grammar
of finitely many short phrases is given as those phrases. A grammar without end is given word by
word, so that no order of digits is favored, and digit words several times, because callers say
numbers digit by digit more often than otherwise. docs/decisions/0011-phrase-lists.md has what was
measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from random import Random

from bot.grammar.matcher import Matcher
from bot.grammar.transducer import Arc, Registers, Transducer, follow, passes
from bot.types import KEYS, UNKNOWN

DIGITS = (
    "zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
)  # fmt: skip
DIGIT_WEIGHT = 36
MAX_PHRASES = 500
MAX_SAMPLE = 40
STOP = 0.3
"""Probability that a random sentence ends where it may."""


def phrases(network: Transducer) -> tuple[str, ...]:
    """Phrases for the recognizer; one that counts more is there more often. Keys are left out."""
    if not _has_loop(network):
        complete = list(islice(_complete(network, 0, ()), MAX_PHRASES + 1))
        if len(complete) <= MAX_PHRASES:
            return tuple(dict.fromkeys(complete))
    words = [word for word in network.words() if word not in KEYS]
    return tuple(w for word in words for w in [word] * (DIGIT_WEIGHT if word in DIGITS else 1))


def with_unknown(listed: Iterable[str]) -> tuple[str, ...]:
    """The phrases with ``[unk]`` so often that, with the one that the recognizer adds, it is one
    in twelve: what it weighs beside the eleven digit words alone, where it rejects best."""
    known = tuple(listed)
    return known + (UNKNOWN,) * (round(len(known) / 11) - 1)


def among_fillers(listed: Sequence[str], fillers: Sequence[str]) -> tuple[str, ...]:
    """The phrases so often that all fillers together weigh as much as all of them, and those."""
    known = [phrase for phrase in listed if phrase != UNKNOWN]
    return tuple(known) * max(1, round(len(fillers) / len(known))) + tuple(fillers)


def sample(matcher: Matcher, random: Random, spoken: bool) -> str:
    """One random sentence, without keys where words are spoken; "" if there is no short one."""
    for _ in range(100):
        words = _walk(matcher, random, spoken)
        if words is not None:
            return " ".join(words)
    return ""


def _spoken(network: Transducer, state: int) -> Iterator[tuple[str, tuple[Arc, ...]]]:
    for word, arcs in network.arcs[state].items():
        if word not in KEYS:
            yield word, arcs


def _has_loop(network: Transducer) -> bool:
    """Whether any state leads back to itself."""
    successors = [{arc.target for arcs in table.values() for arc in arcs} for table in network.arcs]
    remaining = set(range(len(successors)))
    shrinking = True
    while shrinking:
        ended = {state for state in remaining if not successors[state] & remaining}
        remaining -= ended
        shrinking = bool(ended)
    return bool(remaining)


def _complete(network: Transducer, state: int, words: tuple[str, ...]) -> Iterator[str]:
    if network.finals[state] and words:
        yield " ".join(words)
    for word, arcs in _spoken(network, state):
        for target in dict.fromkeys(arc.target for arc in arcs):
            yield from _complete(network, target, (*words, word))


def _walk(matcher: Matcher, random: Random, spoken: bool) -> list[str] | None:
    words: list[str] = []
    state = 0
    registers: Registers = ()
    while len(words) < MAX_SAMPLE:
        ways = [
            way for way in _viable(matcher, state, registers) if not (spoken and way[0] in KEYS)
        ]
        ended = any(True for _ in matcher.values(state, registers))
        if ended and words and (not ways or random.random() < STOP):
            return words
        if not ways:
            return None
        word, state, registers = random.choice(ways)
        words.append(word)
    return None


def _viable(
    matcher: Matcher, state: int, registers: Registers
) -> Iterator[tuple[str, int, Registers]]:
    for word, arcs in matcher.network.arcs[state].items():
        for arc in arcs:
            if passes(arc.guards, registers):
                after = follow(arc, registers)
                if matcher.horizon.open(arc.target, after):
                    yield word, arc.target, after
