"""From the recogniser's alternatives to what they mean: filtered by grammars, merged by value."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.confidence import Evidence, Sound, confidence, margin, shares
from bot.grammar import ActiveGrammars, Answer
from bot.types import UNKNOWN, Hypothesis, Interpretation, Mode

Words = tuple[str, ...]

_NEXT_READING = 0.25
"""What a less preferred reading of the same words weighs beside the one before it."""

_SENSELESS = None
"""Stands for everything that means nothing among the meanings of a list of alternatives."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One value of one alternative."""

    grammar: str
    value: str = field(repr=False)
    words: Words = field(repr=False)
    log_likelihood: float
    share: float

    @property
    def meaning(self) -> Hashable:
        return (self.grammar, self.value)


def without_unknown(words: Sequence[str]) -> Words:
    """The words without what is unknown before the first and after the last of them."""
    known = [index for index, word in enumerate(words) if word != UNKNOWN]
    return tuple(words[known[0] : known[-1] + 1]) if known else ()


def interpret(
    grammars: ActiveGrammars, alternatives: Sequence[Hypothesis], mode: Mode, sound: Sound
) -> tuple[Interpretation, ...]:
    """Interpretations by falling confidence; empty where no alternative has a meaning."""
    readings = list(_readings(grammars, alternatives, mode))
    groups: dict[Hashable, list[_Reading]] = {}
    for reading in readings:
        groups.setdefault(reading.meaning, []).append(reading)
    best_of = _best_by_meaning(readings, alternatives)
    found = []
    for meaning, same in groups.items():
        first = max(same, key=lambda one: one.log_likelihood)
        evidence = Evidence(
            share=sum(one.share for one in same),
            margin=margin(best_of, meaning),
            alternatives=len(alternatives),
            words=len(first.words),
            unknown_words=first.words.count(UNKNOWN),
            sound=sound,
        )
        sure = confidence(evidence)
        found.append(Interpretation(" ".join(first.words), first.value, sure, mode, first.grammar))
    return tuple(sorted(found, key=lambda one: -one.confidence))


def remainder(
    grammars: ActiveGrammars, alternatives: Sequence[Hypothesis], mode: Mode
) -> tuple[Interpretation, ...]:
    """Of alternatives that mean nothing: what was heard of a longer entry, or the end of one
    that is too long, if that end is complete."""
    own = grammars.pairs[0].voice.name
    merged: dict[str, tuple[float, str]] = {}
    every = shares([one.log_likelihood for one in alternatives])
    for one, share in zip(alternatives, every, strict=True):
        words = without_unknown(one.words)
        for value in _beginning_or_end(grammars, words, mode)[:1]:
            so_far, utterance = merged.get(value, (0.0, " ".join(words)))
            merged[value] = (so_far + share, utterance)
    found = (
        Interpretation(utterance, value, min(1.0, share), mode, own)
        for value, (share, utterance) in merged.items()
    )
    return tuple(sorted(found, key=lambda one: -one.confidence))


def _readings(
    grammars: ActiveGrammars, alternatives: Sequence[Hypothesis], mode: Mode
) -> Iterator[_Reading]:
    every = shares([one.log_likelihood for one in alternatives])
    for one, share in zip(alternatives, every, strict=True):
        heard = grammars.match(mode, without_unknown(one.words))
        weights = [_NEXT_READING**rank for rank in range(len(heard.values))]
        for (grammar, value), weight in zip(heard.values, weights, strict=True):
            part = share * weight / sum(weights)
            yield _Reading(grammar, value, one.words, one.log_likelihood, part)


def _best_by_meaning(
    readings: Sequence[_Reading], alternatives: Sequence[Hypothesis]
) -> dict[Hashable, float]:
    """Best log-likelihood of each meaning, and of what has none."""
    best: dict[Hashable, float] = {}
    meaning_of = {one.words: one.meaning for one in reversed(readings)}
    for one in alternatives:
        meaning = meaning_of.get(one.words, _SENSELESS)
        best[meaning] = max(best.get(meaning, one.log_likelihood), one.log_likelihood)
    for reading in readings:
        best.setdefault(reading.meaning, reading.log_likelihood)
    return best


def _beginning_or_end(grammars: ActiveGrammars, words: Words, mode: Mode) -> tuple[str, ...]:
    heard = grammars.match(mode, words)
    if heard.answer is not Answer.NO:
        return heard.partial
    for start in range(1, len(words)):
        heard = grammars.match(mode, words[start:])
        if heard.answer.complete:
            return tuple(value for _, value in heard.values)
    return ()
