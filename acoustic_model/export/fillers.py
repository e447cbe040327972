"""Fillers: words that stand for out-of-grammar speech.

A single ``[unk]`` with a cost takes all words or none. A filler is a word of one generic unit.
Common words spelled in fillers teach the engine's bigram which sounds follow each other, so that
the best path through fillers competes on equal terms with the grammar's words
("keyword-filler" models: Rose and Paul 1990, "A hidden Markov model based keyword recognition
system"; Bazzi and Glass 2000, "Modeling out-of-vocabulary words for robust speech recognition").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from acoustic_model.data.corpus import Corpus
from acoustic_model.lexicon.lexicon import GENERIC_UNITS, Lexicon, with_fillers
from acoustic_model.lexicon.spelling import sounds

LEAST = 3
"""Least number of occurrences in the training recordings for a word to teach the bigram."""


def filler_of(unit: str) -> str:
    """The filler of one generic unit: ``_eh`` for EH."""
    return f"_{unit.lower()}"


def with_all_fillers(words: Lexicon) -> Lexicon:
    """The lexicon with a filler for each generic unit added after its own words."""
    numbers = words.unit_numbers
    return with_fillers(words, {filler_of(unit): (numbers[unit],) for unit in GENERIC_UNITS})


def filler_phrases(
    corpora: Sequence[Corpus], words: Lexicon, without_sources: frozenset[str], least: int = LEAST
) -> tuple[str, ...]:
    """Words outside `words` that people said at least `least` times, spelled in fillers.

    Sources in `without_sources` and held-out voices do not count, since models are scored on them.
    Neither does a word that sounds like one of `words`.
    """
    said: Counter[str] = Counter()
    for corpus in corpora:
        for each in corpus.utterances:
            judged = each.source in without_sources or each.source.endswith("-heldout")
            if each.kind != "synthetic" and not judged:
                said.update(each.spoken)
    taken = {way for word in words.pronunciations for way in sounds(word)}
    common = sorted((word for word, count in said.items() if count >= least))
    spellings = (sounds(word) for word in common if word not in words.pronunciations)
    spelled = (ways[0] for ways in spellings if ways and not taken & set(ways))
    return tuple(dict.fromkeys(" ".join(map(filler_of, phones)) for phones in spelled))
