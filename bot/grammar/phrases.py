"""Makes phrases for the recognizer, and random sentences, from a compiled grammar.

Vosk makes a bigram of its phrases and counts repetitions (vosk-api issues 740 and 1934). A grammar
of a few short phrases is given as those phrases. One of many phrases is given as its examples, with
as few others as possible so that every word is in one, because each repeated word takes probability
from the digits beside it. A grammar without end is given word by word, so that no order of digits
is favored, with each digit word repeated, because callers mostly say numbers digit by digit.
docs/decisions/0011-phrase-lists.md has the measurements.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from random import Random

from bot.grammar.expansions import ANY
from bot.grammar.matcher import Matcher
from bot.grammar.transducer import Arc, Registers, Transducer, follow, passes
from bot.types import KEYS, UNKNOWN

DIGITS = (
    "zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
)  # fmt: skip
DIGIT_WEIGHT = 200
"""Repetitions of each digit. Beside 130 other phrases, 36 left 41 of 48 six-digit strings right and
200 left 44, with replies (p95) after 2,360 and 320 ms.
"""
DIGITS_BESIDE = 40
"""The same if a number is only an alternative answer, as at a read-back. In five voices, a number
in place of a yes or no was right in none without weight, in 4 of 5 with 40, and in 5 with 200; of
50 forms of yes and no, 38, 38, and 34 were.
"""
OWN_WEIGHT = 3
"""Weight of the words of a question's own phrases; those of universal commands weigh 1."""
LIKE_DIGITS = frozenset(
    (
        *(
            "ones",
            "twos",
            "threes",
            "fours",
            "fives",
            "sixes",
            "sevens",
            "eights",
            "nines",
            "zeros",
        ),
        *("want", "what", "once", "would", "was", "with", "i", "mine", "live", "i'd", "i'm", "hi"),
        *("to", "too", "do", "for", "or", "off", "other", "rather", "are", "am", "on", "an", "all"),
        *("zeros", "let", "let's", "see", "teacher", "be", "get", "being"),
    )
)
"""Words that sound like a digit, or like the end of one and the beginning of the next: at a
question for a number they cost more digits than they gain.
"""
MAX_PHRASES = 100
MAX_SAMPLE = 40
STOP = 0.3
"""Probability that a random sentence ends where it may."""


def phrases(network: Transducer, examples: Sequence[str] = ()) -> tuple[str, ...]:
    """Return phrases for the recognizer, repeated in proportion to their weight. Keys are left out.

    ``examples`` are utterances of the grammar that callers say more than others.
    """
    if not _has_loop(network):
        complete = list(islice(_complete(network, 0, ()), MAX_PHRASES + 1))
        if len(complete) <= MAX_PHRASES:
            return tuple(dict.fromkeys(complete))
        return _covering(network, examples)
    words = [word for word in network.words() if word not in KEYS]
    return tuple(w for word in words for w in [word] * (DIGIT_WEIGHT if word in DIGITS else 1))


def with_unknown(listed: Iterable[str]) -> tuple[str, ...]:
    """Return the phrases with ``[unk]`` repeated so that, with the one that the recognizer adds, it
    is one in twelve: its weight beside the eleven digit words alone, where it rejects best.
    """
    known = tuple(listed)
    return known + (UNKNOWN,) * (round(len(known) / 11) - 1)


def among_fillers(listed: Sequence[str], fillers: Sequence[str]) -> tuple[str, ...]:
    """Return the phrases and the fillers, the smaller set repeated so that both weigh about the
    same.
    """
    known = [phrase for phrase in listed if phrase != UNKNOWN]
    times = max(1, round(len(fillers) / len(known)))
    filler_times = max(1, round(len(known) / len(fillers)))
    return tuple(known) * times + tuple(fillers) * filler_times


def sample(matcher: Matcher, random: Random, spoken: bool) -> str:
    """Return one random sentence, without keys if words are spoken; "" if there is no short one."""
    for _ in range(100):
        words = _walk(matcher, random, spoken)
        if words is not None:
            return " ".join(words)
    return ""


def _spoken(network: Transducer, state: int) -> Iterator[tuple[str, tuple[Arc, ...]]]:
    for word, arcs in network.arcs[state].items():
        if word not in KEYS and word != ANY:
            yield word, arcs


def _has_loop(network: Transducer) -> bool:
    """Return True if any state leads back to itself by words that the grammar names."""
    successors = [
        {arc.target for word, arcs in table.items() if word != ANY for arc in arcs}
        for table in network.arcs
    ]
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


def _covering(network: Transducer, examples: Sequence[str]) -> tuple[str, ...]:
    """Return the examples, and for each word missing from them the shortest complete phrase with
    it; examples that are left out beside digits do not count.
    """
    before, after = _from_start(network), _to_end(network)
    found = [" ".join(example.lower().split()) for example in examples]
    kept = (words for words in map(str.split, found) if LIKE_DIGITS.isdisjoint(words))
    covered = {word for words in kept for word in words}
    for state, begun in before.items():
        for word, arcs in _spoken(network, state):
            endings = [after[arc.target] for arc in arcs if arc.target in after]
            if word not in covered and endings:
                phrase = (*begun, word, *min(endings, key=len))
                covered |= set(phrase)
                found.append(" ".join(phrase))
    return tuple(dict.fromkeys(found))


def _from_start(network: Transducer) -> dict[int, tuple[str, ...]]:
    """Return the fewest words that lead to each state."""
    shortest: dict[int, tuple[str, ...]] = {0: ()}
    waiting = deque([0])
    while waiting:
        state = waiting.popleft()
        for word, arcs in _spoken(network, state):
            for arc in arcs:
                if arc.target not in shortest:
                    shortest[arc.target] = (*shortest[state], word)
                    waiting.append(arc.target)
    return shortest


def _to_end(network: Transducer) -> dict[int, tuple[str, ...]]:
    """Return the fewest words from each state to an end, in a network without loops."""
    made: dict[int, tuple[str, ...]] = {}

    def ending(state: int) -> tuple[str, ...]:
        if state not in made:
            ways = [
                (word, *ending(arc.target))
                for word, arcs in _spoken(network, state)
                for arc in arcs
            ]
            made[state] = () if network.finals[state] else min(ways, key=len)
        return made[state]

    ending(0)
    return made


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
        for arc in arcs if word != ANY else ():
            if passes(arc.guards, registers):
                after = follow(arc, registers)
                if matcher.horizon.open(arc.target, after):
                    yield word, arc.target, after
