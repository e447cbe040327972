"""Interprets recognition alternatives: filters them by the grammars, and merges them by value."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from bot.grammar import ActiveGrammars, Answer
from bot.hearing.confidence import Confidence, Evidence, RescoredEvidence, Sound, shares
from bot.hearing.result import RecognitionResult
from bot.hearing.spellings import figures, is_numeral
from bot.interfaces import Rescored
from bot.types import UNKNOWN, Hypothesis, Interpretation, Mode

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryParameters:
    """Limits and weights for interpreting an entry."""

    most_extra: int = 2
    """How many words or digits an entry may be too long by. A license number followed by its PIN is
    four too long, and its end would be that PIN (S14); two PINs are two too long.
    """
    next_reading: float = 0.25
    """Weight (0-1) of a less preferred reading of the same words, relative to the one before it."""
    spliced: float = 0.9
    """Highest confidence (0-1) of a number whose digits were taken back one by one: it is read
    back, and a PIN is asked for again.
    """
    most_combinations: int = 50
    """Most whole entries that are combined from the alternatives of their parts."""
    guess_behind: float = 8.0
    """Distance, in log-likelihood, at which a partial result ranks below the last final
    alternative.
    """


FITTED = EntryParameters()

COURTESY = frozenset(("please", "thank", "you", "thanks"))
"""Words of a command that do not tell which command it is."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One value of one alternative."""

    grammar: str
    value: str = field(repr=False)
    words: Words = field(repr=False)
    log_likelihood: float
    share: float
    spliced: bool = False

    @property
    def meaning(self) -> Hashable:
        return (self.grammar, self.value)


def without_unknown(words: Sequence[str]) -> Words:
    """Return the words without leading and trailing unknown ones."""
    known = [index for index, word in enumerate(words) if word != UNKNOWN]
    return tuple(words[known[0] : known[-1] + 1]) if known else ()


def interpret(
    grammars: ActiveGrammars,
    heard: RecognitionResult,
    mode: Mode,
    sound: Sound,
    confidence: Confidence,
    parameters: EntryParameters = FITTED,
) -> tuple[Interpretation, ...]:
    """Return interpretations, most confident first; empty if no alternative has a meaning.

    The rest of the probability is divided by likelihood among the other meanings and the
    alternatives without one; none gets more than the first.
    """
    groups: dict[Hashable, list[_Reading]] = {}
    for reading in _readings(grammars, heard.alternatives, mode, parameters.next_reading):
        groups.setdefault(reading.meaning, []).append(reading)
    ranked = sorted(groups.values(), key=_together, reverse=True)
    if not ranked:
        return ()
    sure = confidence.probability(_evidence(ranked, heard, sound))
    if any(one.spliced for one in ranked[0]):
        sure = min(sure, parameters.spliced)
    left = (1.0 - _share(ranked[0])) or 1.0
    found = [_interpretation(ranked[0], sure, mode)]
    for same in ranked[1:]:
        likely = min(sure, (1.0 - sure) * _share(same) / left)
        found.append(_interpretation(same, likely, mode))
    return tuple(found)


def _share(same: Sequence[_Reading]) -> float:
    return sum(one.share for one in same)


def _together(same: Sequence[_Reading]) -> float:
    """Return the log-likelihood of a meaning: that of all its readings together."""
    best = max(one.log_likelihood for one in same)
    return best + math.log(sum(math.exp(one.log_likelihood - best) for one in same))


def _most_likely(same: Sequence[_Reading]) -> _Reading:
    return max(same, key=lambda one: one.log_likelihood)


def _interpretation(same: Sequence[_Reading], sure: float, mode: Mode) -> Interpretation:
    first = _most_likely(same)
    return Interpretation(" ".join(first.words), first.value, sure, mode, first.grammar)


def _evidence(
    ranked: Sequence[Sequence[_Reading]], heard: RecognitionResult, sound: Sound
) -> Evidence:
    """Return the evidence for the first of the meanings."""
    best, *others = (_together(same) for same in ranked)
    first, filler = _most_likely(ranked[0]), heard.filler_path
    sentence = _is_sentence(first)
    said = {without_unknown(one.words) for one in ranked[0]}
    meant = _Meant(said, first.value if sentence else "")
    nothing = _best_without_meaning(ranked, meant, heard.alternatives)
    telling = [word for word in first.words if word not in COURTESY]
    return Evidence(
        over_other=best - max(others) if others else None,
        over_nothing=best - nothing if nothing is not None else None,
        over_filler=first.log_likelihood - filler.log_likelihood if filler else None,
        unknown=filler.unknown if filler else 0,
        words=len(first.words),
        sound=sound,
        number=first.value.isdigit(),
        sentence=sentence,
        reach=heard.reach if filler else math.inf,
        both=heard.fused,
        spotted=tuple(heard.spotted[word] for word in telling if word in heard.spotted),
        rescored=_rescored(meant, heard),
    )


@dataclass(frozen=True, slots=True)
class _Meant:
    """All words that are evidence for the first of the meanings."""

    words: Set[Words] = field(repr=False)
    number: str = field(repr=False)
    """The digits of a number in a sentence, whatever the words around them; else empty."""

    def __contains__(self, words: Words) -> bool:
        return words in self.words or bool(self.number and figures(words) == self.number)


def _is_sentence(first: _Reading) -> bool:
    """Return True for a number with other words around it or inside."""
    return first.value.isdigit() and not all(map(is_numeral, without_unknown(first.words)))


def _rescored(meant: _Meant, heard: RecognitionResult) -> RescoredEvidence | None:
    """Return the rescorer's evidence for the first of the meanings against all other words
    proposed, with or without a meaning; None if it was not asked.
    """
    ours = [score for words, score in heard.rescored.items() if words in meant]
    others = [score for words, score in heard.rescored.items() if words not in meant]
    if not ours:
        return None
    best = max(one.log_likelihood for one in ours)
    rival = max((one.log_likelihood for one in others), default=None)
    return RescoredEvidence(
        over_other=None if rival is None else best - rival,
        behind=min(one.behind for one in ours),
        own=_distance_of_own(ours, others),
    )


def _distance_of_own(ours: Sequence[Rescored], others: Sequence[Rescored]) -> float:
    """Return how much likelier the value is than any other among the rescorer's own hypotheses."""
    best = max((one.own for one in ours if one.own is not None), default=-math.inf)
    rival = max((one.own for one in others if one.own is not None), default=-math.inf)
    return 0.0 if best == rival else best - rival


def _best_without_meaning(
    ranked: Sequence[Sequence[_Reading]], first: _Meant, alternatives: Sequence[Hypothesis]
) -> float | None:
    meant = {one.words for same in ranked for one in same}
    rest = [
        one.log_likelihood
        for one in alternatives
        if one.words not in meant and one.words not in first
    ]
    return max(rest, default=None)


def remainder(
    grammars: ActiveGrammars,
    alternatives: Sequence[Hypothesis],
    mode: Mode,
    most_extra: int = FITTED.most_extra,
) -> tuple[Interpretation, ...]:
    """Interpret alternatives without a meaning: as part of a longer entry, or as the end of an
    entry slightly too long, if that end answers the question itself. The end of a sentence in
    another language may sound like a command: "faster" has six letters, but is not a number.
    """
    own = grammars.pairs[0].voice.name
    merged: dict[str, tuple[float, str]] = {}
    every = shares([one.log_likelihood for one in alternatives])
    for one, share in zip(alternatives, every, strict=True):
        words = without_unknown(one.words)
        for value in _beginning_or_end(grammars, words, mode, most_extra)[:1]:
            so_far, utterance = merged.get(value, (0.0, " ".join(words)))
            merged[value] = (so_far + share, utterance)
    found = (
        Interpretation(utterance, value, min(1.0, share), mode, own)
        for value, (share, utterance) in merged.items()
    )
    return tuple(sorted(found, key=lambda one: -one.confidence))


def _readings(
    grammars: ActiveGrammars, alternatives: Sequence[Hypothesis], mode: Mode, next_reading: float
) -> Iterator[_Reading]:
    every = shares([one.log_likelihood for one in alternatives])
    for one, share in zip(alternatives, every, strict=True):
        heard = grammars.match(mode, without_unknown(one.words))
        weights = [next_reading**rank for rank in range(len(heard.values))]
        for (grammar, value), weight in zip(heard.values, weights, strict=True):
            part = weight / sum(weights)
            likelihood = one.log_likelihood + math.log(part)
            yield _Reading(grammar, value, one.words, likelihood, share * part, heard.spliced)


def _beginning_or_end(
    grammars: ActiveGrammars, words: Words, mode: Mode, most_extra: int
) -> tuple[str, ...]:
    own = grammars.pairs[0].voice.name
    heard = grammars.match(mode, words)
    if heard.answer is not Answer.NO:
        return heard.partial
    without = _without_an_oh(grammars, words, mode)
    if without:
        return without
    for start in range(1, len(words)):
        extra, end = words[:start], words[start:]
        heard = grammars.match(mode, end)
        if heard.answer.complete and end[0] != UNKNOWN and UNKNOWN not in extra:
            digits = next(iter(grammars.match(mode, extra).partial), "")
            values = (value for grammar, value in heard.values if grammar == own)
            return tuple(value for value in values if _begun_anew(digits, value, extra, most_extra))
    return ()


def _without_an_oh(grammars: ActiveGrammars, words: Words, mode: Mode) -> tuple[str, ...]:
    """Return the number that remains if one "oh" of a number one digit too long was an "uh"."""
    own = grammars.pairs[0].voice.name
    for place, word in enumerate(words):
        if word == "oh":
            heard = grammars.match(mode, words[:place] + words[place + 1 :])
            values = tuple(value for grammar, value in heard.values if grammar == own)
            if heard.answer is Answer.MAX and values and not heard.spliced:
                return values
    return ()


def _begun_anew(digits: str, value: str, extra: Words, most_extra: int) -> bool:
    """Return True if an entry has this value after surplus digits, or after a repetition such as
    "four two one, four two one nine"."""
    if len(extra) == 1 and len(digits) < most_extra:
        return True
    return len(digits) >= most_extra and value.startswith(digits)
