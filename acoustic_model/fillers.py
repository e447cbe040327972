"""Filler words: what stands for speech that no grammar holds, so that it has somewhere to go.

One ``[unk]`` with a cost is a cliff: it loses all words or none. Common words that compete on equal
terms, spelled in generic units, take what sounds like them instead ("keyword-filler" models: Rose
and Paul 1990, "A hidden Markov model based keyword recognition system"; Bazzi and Glass 2000).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from acoustic_model.corpus import Corpus
from acoustic_model.lexicon import Lexicon, with_fillers
from acoustic_model.spelling import sounds, spell

LEAST = 3
"""How often a word occurs in the recordings that are trained on, to be a filler."""
SHORTEST = 2
"""Units that a filler has at least: shorter ones are pieces of other words."""


def filler_words(
    corpora: Sequence[Corpus], words: Lexicon, without_sources: frozenset[str], least: int = LEAST
) -> tuple[str, ...]:
    """Words that people said `least` times and more, and that sound like none of `words`.

    Words of the sources in `without_sources` and of held-out voices do not count: a model is judged
    on them.
    """
    said: Counter[str] = Counter()
    for corpus in corpora:
        for each in corpus.utterances:
            judged = each.source in without_sources or each.source.endswith("-heldout")
            if each.kind != "synthetic" and not judged:
                said.update(each.spoken)
    taken = {way for word in words.pronunciations for way in sounds(word)}
    return tuple(
        word
        for word, count in sorted(said.items(), key=lambda item: (-item[1], item[0]))
        if count >= least and word not in words.pronunciations and _is_filler(word, taken)
    )


def spelled(words: Lexicon, fillers: Iterable[str]) -> Lexicon:
    """The lexicon with `fillers` behind its own words, spelled in generic units."""
    found = {word: spell(words, word) for word in fillers}
    return with_fillers(words, {word: units for word, units in found.items() if units})


def _is_filler(word: str, taken: set[tuple[str, ...]]) -> bool:
    ways = sounds(word)
    return bool(ways) and len(ways[0]) >= SHORTEST and not taken & set(ways)
