"""Training graphs: what was said (numerator) and everything that could be said (denominator).

A state stands for one unit; entering it takes a frame of the unit's first pdf, staying in it a
frame of the second. Words follow each other with or without silence between them (each with
probability one half), as in the decoding graph. Both graphs are for lattice-free MMI (Povey et al.
2016, "Purely sequence-trained neural networks for ASR based on lattice-free MMI"; Hadian et al.
2018, "End-to-end speech recognition using lattice-free MMI").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from acoustic_model.lexicon.lexicon import DIGITS, GENERIC_UNITS, UNKNOWN, Lexicon
from acoustic_model.lexicon.spelling import spell

SILENCE_PROBABILITY = 0.5
UNKNOWN_AGAIN = 0.3
"""Probability that a stretch of unknown speech continues with another unknown word."""
SPELLED_ON = 0.8
"""Probability that a spelled word continues after a unit."""
SHARES = {"digits": 0.50, "words": 0.30, "unknown": 0.08, "spelled": 0.12}
"""Probabilities of the next word in the denominator: a digit, another word, [unk], a spelling."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(slots=True)
class Numerator:
    """One utterance's graph; arcs go from ``sources[i]`` to ``targets[i]``."""

    units: list[int] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    initial: dict[int, float] = field(default_factory=dict)
    final: dict[int, float] = field(default_factory=dict)
    words: list[int] = field(default_factory=list)
    """The word that each state belongs to, counted from 0; -1 for silence."""

    def state(self, unit: int, word: int) -> int:
        """Adds a state and returns its number."""
        self.units.append(unit)
        self.words.append(word)
        return len(self.units) - 1

    def arc(self, source: int, target: int, weight: float) -> None:
        """Adds an arc."""
        self.sources.append(source)
        self.targets.append(target)
        self.weights.append(weight)

    def chain(self, units: Sequence[int], word: int) -> tuple[int, int]:
        """Adds one pronunciation; returns its first and last state."""
        states = [self.state(unit, word) for unit in units]
        for before, after in pairwise(states):
            self.arc(before, after, 1.0)
        return states[0], states[-1]


def numerator(model: Lexicon, words: Iterable[str], *, spelled: bool = False) -> Numerator:
    """The graph of a transcript.

    With `spelled`, a word outside the lexicon is spelled in generic units if CMUdict has it;
    otherwise it and unknown neighbors become one stretch of ``[unk]``.
    """
    graph = Numerator()
    half = SILENCE_PROBABILITY
    silence = graph.state(0, -1)
    graph.initial[silence] = half
    exits: list[int] = []
    for place, (ways, again) in enumerate(_said(model, words, spelled)):
        pairs = [graph.chain(way, place) for way in ways]
        if place == 0:
            graph.initial |= {first: half / len(pairs) for first, _ in pairs}
        _join(graph, exits, silence, [first for first, _ in pairs])
        exits = [last for _, last in pairs]
        if again:
            for first, last in pairs:
                graph.arc(last, first, half * UNKNOWN_AGAIN)
                graph.arc(last, silence, half * UNKNOWN_AGAIN)
        silence = graph.state(0, -1)
        for last in exits:
            graph.arc(last, silence, half)
    for last in exits:
        graph.final[last] = half
    graph.final[silence] = 1.0
    return graph


def _join(graph: Numerator, exits: list[int], silence: int, firsts: list[int]) -> None:
    """Connects a word's exits, and the silence after it, to the next word."""
    share = 1.0 / len(firsts)
    for first in firsts:
        graph.arc(silence, first, share)
        for last in exits:
            graph.arc(last, first, SILENCE_PROBABILITY * share)


def least_frames(graph: Numerator) -> int:
    """Fewest frames that an utterance needs to fit this graph."""
    return max(1, sum(1 for word in graph.words if word >= 0))


@dataclass(frozen=True, slots=True)
class NumeratorBatch:
    """Numerators of B utterances, padded to S states with at most K incoming arcs each."""

    units: Ints
    """(B, S)"""
    predecessors: Ints
    """(B, S, K)"""
    weights: Floats
    """(B, S, K); 0 without an arc"""
    initial: Floats
    """(B, S)"""
    final: Floats
    """(B, S)"""


def batch(graphs: Sequence[Numerator]) -> NumeratorBatch:
    """Pads `graphs` to one size."""
    states = max(len(graph.units) for graph in graphs)
    fan = max(
        max(np.bincount(graph.targets), default=1) if graph.targets else 1 for graph in graphs
    )
    count = len(graphs)
    made = NumeratorBatch(
        np.zeros((count, states), np.int64),
        np.zeros((count, states, fan), np.int64),
        np.zeros((count, states, fan)),
        np.zeros((count, states)),
        np.zeros((count, states)),
    )
    for row, graph in enumerate(graphs):
        made.units[row, : len(graph.units)] = graph.units
        used = [0] * states
        for source, target, weight in zip(graph.sources, graph.targets, graph.weights, strict=True):
            made.predecessors[row, target, used[target]] = source
            made.weights[row, target, used[target]] = weight
            used[target] += 1
        for state, weight in graph.initial.items():
            made.initial[row, state] = weight
        for state, weight in graph.final.items():
            made.final[row, state] = weight
    return made


@dataclass(frozen=True, slots=True)
class Denominator:
    """The loop of words, over S states and J junctions.

    Arcs lead along a word (state s - 1 to s if ``inner[s]`` is 1) or through a junction: from every
    state with weight ``leave`` and on to every state with weight ``enter``. This keeps a step of
    the recursion linear in S.
    """

    units: Ints
    """(S,)"""
    inner: Floats
    """(S,): 1 if the state follows the previous one within a word, else 0"""
    leave: Floats
    """(S, J)"""
    enter: Floats
    """(J, S)"""
    initial: Floats
    """(S,)"""
    final: Floats
    """(S,)"""


def denominator(model: Lexicon, spellings: Iterable[Sequence[int]] = ()) -> Denominator:
    """The loop of all words, with a bigram of generic units for any other spelling.

    The bigram is counted over the pronunciations of the lexicon and over `spellings`.
    """
    half = SILENCE_PROBABILITY
    chains = _chains(model)
    generic = [model.unit_numbers[name] for name in GENERIC_UNITS if name in model.unit_numbers]
    size = 1 + sum(len(units) for _, units in chains) + len(generic)
    units, inner = np.zeros(size, np.int64), np.zeros(size)
    leave, enter = np.zeros((size, 2 + len(generic))), np.zeros((2 + len(generic), size))
    word_junction, silence_junction = 0, 1
    leave[0, word_junction] = 1.0
    enter[silence_junction, 0] = 1.0
    place = 1
    final = np.zeros(size)
    final[0] = 1.0
    for share, chain in chains:
        units[place : place + len(chain)] = chain
        inner[place + 1 : place + len(chain)] = 1.0
        enter[word_junction, place] = share
        place += len(chain)
        leave[place - 1, [word_junction, silence_junction]] = half
        final[place - 1] = half
    if generic:
        loop = slice(place, size)
        starts, follows = _bigram(model, generic, spellings)
        units[loop] = generic
        enter[word_junction, loop] = SHARES["spelled"] * starts
        enter[2:, loop] = follows
        leave[np.arange(place, size), 2 + np.arange(len(generic))] = SPELLED_ON
        leave[loop, :2] = half * (1 - SPELLED_ON)
        final[loop] = half * (1 - SPELLED_ON)
    initial = half * enter[word_junction]
    initial[0] = half
    return Denominator(units, inner, leave, enter, initial, final)


def _said(
    model: Lexicon, words: Iterable[str], spelled: bool
) -> Iterable[tuple[list[tuple[int, ...]], bool]]:
    """Pronunciations of each word, and whether it is a stretch of unknown speech."""
    unknown = [way.units for way in model.pronunciations[UNKNOWN]]
    inside = False
    for word in words:
        known = model.pronunciations.get(word) if word != UNKNOWN else None
        spelling = spell(model, word) if spelled and known is None and word != UNKNOWN else None
        if known or spelling:
            inside = False
            yield ([way.units for way in known] if known else [spelling or ()]), False
        elif not inside:
            inside = True
            yield unknown, True


def _chains(model: Lexicon) -> list[tuple[float, tuple[int, ...]]]:
    """Every pronunciation with its probability in the loop of words."""
    digits = sum(1 for word in DIGITS if word in model.pronunciations)
    others = len(model.pronunciations) - digits - 1
    shares = {
        word: SHARES["unknown"]
        if word == UNKNOWN
        else SHARES["digits"] / digits
        if word in DIGITS
        else SHARES["words"] / others
        for word in model.pronunciations
    }
    return [
        (shares[word] / len(ways), way.units)
        for word, ways in model.pronunciations.items()
        for way in ways
    ]


def _bigram(
    model: Lexicon, generic: Sequence[int], spellings: Iterable[Sequence[int]]
) -> tuple[Floats, Floats]:
    """First-unit (G,) and next-unit (G, G) probabilities, smoothed by half a count."""
    place = {unit: index for index, unit in enumerate(generic)}
    starts = np.full(len(generic), 0.5)
    follows = np.full((len(generic), len(generic)), 0.5)
    known = (way.units for ways in model.pronunciations.values() for way in ways)
    for spelling in (*known, *spellings):
        if any(unit not in place for unit in spelling):
            continue
        starts[place[spelling[0]]] += 1
        for before, after in pairwise(spelling):
            follows[place[before], place[after]] += 1
    return starts / starts.sum(), follows / follows.sum(1, keepdims=True)
