"""Fillers: what stands for speech that no grammar holds, so that it has somewhere to go.

One ``[unk]`` with a cost is a cliff: it loses all words or none. A filler is a word of one generic
unit; common words spelled in fillers teach the engine's bigram which sounds follow each other, and
the best path through fillers then competes on equal terms with the grammar's words
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
"""How often a word occurs in the recordings that are trained on, to teach the bigram."""


def filler_of(unit: str) -> str:
    """The filler that is one generic unit: ``_eh`` for EH."""
    return f"_{unit.lower()}"


def with_all_fillers(words: Lexicon) -> Lexicon:
    """The lexicon with a filler for each generic unit behind its own words."""
    numbers = words.unit_numbers
    return with_fillers(words, {filler_of(unit): (numbers[unit],) for unit in GENERIC_UNITS})


def filler_phrases(
    corpora: Sequence[Corpus], words: Lexicon, without_sources: frozenset[str], least: int = LEAST
) -> tuple[str, ...]:
    """Words outside `words` that people said `least` times and more, spelled in fillers.

    Words of the sources in `without_sources` and of held-out voices do not count: a model is judged
    on them. Nor does a word that sounds like one of `words`.
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
