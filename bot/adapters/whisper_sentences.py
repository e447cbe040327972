"""Searches for the sentences of a language that Whisper finds likeliest (decision 83).

Its own search is free, and writes "no, that isn't it" as "know that isn't it". Here only words that
may follow are considered, token by token, and a few beginnings are kept at each step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.adapters.whisper_decoder import ForcedDecoding
from bot.hearing.spellings import Words
from bot.interfaces import Language

BEAM = 8
"""How many beginnings are kept at each step."""
FOUND = 4
"""How many sentences are returned at most."""
FARTHEST = 12.0
"""Beginnings that are this much less likely than the best one are dropped, in log-likelihood."""

Tokens = tuple[int, ...]
Spell = Callable[[str, bool], Tokens]
"""Returns the tokens of a word, given whether it is the first of a sentence."""


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Words of which all tokens but ``rest`` are decoded. They may be a PIN: no repr has them."""

    score: float
    words: Words = field(default=(), repr=False)
    tokens: Tokens = field(default=(), repr=False)
    rest: Tokens = field(default=(), repr=False)


def likeliest_sentences(
    decoding: ForcedDecoding, language: Language, spell: Spell, ends: Sequence[int], longest: int
) -> list[Words]:
    """Return the likeliest sentences of at most ``longest`` tokens, best first; ``ends`` are the
    tokens that may end one.
    """
    live = [_Beginning(0.0)]
    found: dict[Words, float] = {}
    for _ in range(longest + 1):
        ways = [list(_ways(one, language, spell)) for one in live]
        asked = {tokens[0] for each in ways for _, tokens in each}
        known, column = decoding.next_tokens([one.tokens for one in live], {*asked, *ends})
        over = [column[token] for token in ends]
        longer: list[_Beginning] = []
        for one, each, likely in zip(live, ways, known, strict=True):
            if not one.rest and one.words and language.after(one.words).complete:
                found[one.words] = one.score + float(np.logaddexp.reduce(likely[over]))
            for words, (token, *rest) in each:
                score = one.score + float(likely[column[token]])
                longer.append(_Beginning(score, words, (*one.tokens, token), tuple(rest)))
        live = _kept(longer, found)
        if not live:
            break
    return sorted(found, key=lambda words: -found[words])[:FOUND]


def _ways(one: _Beginning, language: Language, spell: Spell) -> Iterator[tuple[Words, Tokens]]:
    """The words that a beginning may have next, and the tokens that they still lack."""
    if one.rest:
        yield one.words, one.rest
        return
    for word in language.after(one.words).words:
        yield (*one.words, word), spell(word, not one.words)


def _kept(longer: Iterable[_Beginning], found: Mapping[Words, float]) -> list[_Beginning]:
    """The likeliest beginnings, if they can still become likelier than the sentences found."""
    ranked = sorted(longer, key=lambda one: -one.score)[:BEAM]
    if not ranked:
        return []
    least = ranked[0].score - FARTHEST
    if len(found) >= FOUND:
        least = max(least, sorted(found.values())[-FOUND])
    return [one for one in ranked if one.score > least]
