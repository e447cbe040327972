"""Combines the evidence from several attempts at one entry.

A caller who is asked twice has given evidence twice. An attempt's alternatives are its evidence for
their values; a value that it did not hear may still have been said and misrecognized: such values
share its error probability equally, as if there were ``spread`` of them. Evidence from attempts
multiplies. A part of a number (five of six digits, or digits around a gap) counts for every number
that it fits. Values the caller rejected are excluded. No `repr` prints digits: they may be secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from bot.numerals import BLANK
from bot.types import Interpretation

GAP = BLANK
"""Placeholder for one digit that was not heard."""

Heard = tuple[Interpretation, ...]


@dataclass(frozen=True, slots=True)
class EvidenceParameters:
    """Parameters for the weight of one attempt at a question."""

    spread: float = 12.0
    """Over how many values a misrecognition spreads (fitted, decision 41)."""
    part: float = 0.67
    """Probability that a part fits what was said (measured, decision 41)."""
    most_sure: float = 0.999
    """Highest confidence of one attempt, so that the next can contradict it."""
    most_prior: float = 0.9
    """Highest prior probability of an answer: the caller may say otherwise."""
    most_of_rest: float = 0.6
    """Highest confidence of the end of an entry that was too long: read back, never accepted."""


FITTED = EvidenceParameters()


class AnswerEvidence:
    """The evidence for one question's answer. Without a ``length``, only the last try counts."""

    def __init__(
        self,
        length: int | None,
        before: Heard = (),
        *,
        denied: Iterable[str] = (),
        parameters: EvidenceParameters = FITTED,
    ) -> None:
        """Start with what is known about the value ``before`` the question is asked, and with the
        values ``denied`` earlier."""
        self._length = length
        self._parameters = parameters
        self._spread = min(parameters.spread, 10.0 ** (length or 0) - 1.0)
        self._tries: list[Heard] = [before] if before else []
        self._denied = list(denied)

    def __len__(self) -> int:
        return len(self._tries)

    def add(self, heard: Heard) -> None:
        """Add an attempt: whole values, or parts of one."""
        if self._length is None:
            self._tries.clear()
        if heard:
            self._tries.append(heard)

    def deny(self, pattern: str) -> None:
        """Exclude this value, or these digits around a gap, which the caller rejected."""
        self._denied.append(pattern)

    def ranked(self) -> Heard:
        """Return whole values with their probability given all attempts, best first."""
        found = tuple(one for one in self._values() if not self._is_denied(one.value))
        if len(self._tries) > 1:
            found = self._together(found)
        return tuple(sorted(found, key=lambda one: -one.confidence))

    def all_but_one(self) -> Interpretation | None:
        """Return the best value with a gap where the values disagree most, or None."""
        values = self.ranked()
        if self._length is None or len(values) < 2:
            return None
        patterns = (_without(values[0].value, place) for place in range(self._length))
        known = [
            replace(values[0], value=pattern, confidence=_agreeing(values, pattern))
            for pattern in patterns
            if not self._is_denied(pattern)
        ]
        return max(known, key=lambda one: one.confidence, default=None)

    def missing_in(self, pattern: str) -> Heard:
        """Return the candidates for the one digit that the pattern leaves open."""
        place = pattern.index(GAP)
        fitting = [one for one in self.ranked() if fits(pattern, one.value)]
        total = sum(one.confidence for one in fitting)
        return tuple(
            replace(one, value=one.value[place], confidence=one.confidence / total)
            for one in fitting
            if total > 0.0
        )

    def _values(self) -> Heard:
        """Return every whole value heard, each as interpreted in the latest attempt with it."""
        found: dict[str, Interpretation] = {}
        for heard in self._tries:
            for one in heard:
                if self._is_whole(one.value):
                    before = found.pop(one.value, one)
                    mode = one.mode if one.mode == before.mode else "mixed"
                    found[one.value] = replace(one, mode=mode)
        return tuple(found.values())

    def _together(self, values: Heard) -> Heard:
        likelihoods = [prod(self._speaks_for(one.value)) for one in values]
        errors = (self._error(heard) / self._spread for heard in self._tries)
        total = sum(likelihoods) + prod(errors) * self._spread
        return tuple(
            replace(one, confidence=likelihood / total)
            for one, likelihood in zip(values, likelihoods, strict=True)
        )

    def _speaks_for(self, value: str) -> Iterator[float]:
        for heard in self._tries:
            share = sum(self._weight(one) for one in heard if fits(one.value, value))
            yield max(share, self._unheard(heard))

    def _unheard(self, heard: Heard) -> float:
        """Return an attempt's probability for each value that it did not hear."""
        return (1.0 - max(map(self._weight, heard))) / self._spread

    def _error(self, heard: Heard) -> float:
        """Return the probability that none of an attempt's whole values is right."""
        return 1.0 - max(
            (self._weight(one) for one in heard if self._is_whole(one.value)), default=0
        )

    def _weight(self, one: Interpretation) -> float:
        by = self._parameters
        return min(one.confidence, by.most_sure if self._is_whole(one.value) else by.part)

    def _is_whole(self, value: str) -> bool:
        return self._length is None or (len(value) == self._length and GAP not in value)

    def _is_denied(self, value: str) -> bool:
        return any(fits(pattern, value) for pattern in self._denied)


def knowing(
    heard: Heard, beforehand: Mapping[str, float], by: EvidenceParameters = FITTED
) -> Heard:
    """Update the answers with the prior probabilities ``beforehand``; return them best first.

    Applies Bayes' rule: the recognizer's confidence assumes that all answers are equally likely.
    """
    weighed = (replace(one, confidence=_updated(one, beforehand, by)) for one in heard)
    return tuple(sorted(weighed, key=lambda one: -one.confidence))


def _updated(one: Interpretation, beforehand: Mapping[str, float], by: EvidenceParameters) -> float:
    likely = min(by.most_prior, max(1.0 - by.most_prior, beforehand.get(one.value, 0.5)))
    sure = min(by.most_sure, one.confidence)
    return sure * likely / (sure * likely + (1.0 - sure) * (1.0 - likely))


def fits(part: str, value: str) -> bool:
    """Return whether ``part`` may be what was heard of ``value``: its digits around gaps, or some
    of its digits in order."""
    if len(part) == len(value):
        return all(one in (GAP, other) for one, other in zip(part, value, strict=True))
    rest = iter(value)
    return all(one == GAP or one in rest for one in part)


def _without(value: str, place: int) -> str:
    return f"{value[:place]}{GAP}{value[place + 1 :]}"


def _agreeing(values: Sequence[Interpretation], pattern: str) -> float:
    return sum(one.confidence for one in values if fits(pattern, one.value))
