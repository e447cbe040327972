"""The recognition result of one utterance, passed from the recognizers to the entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

from bot.interfaces import Rescored
from bot.types import Hypothesis


@dataclass(frozen=True, slots=True)
class FillerPath:
    """The best path of an utterance when fillers are allowed."""

    log_likelihood: float = 0.0
    unknown: int = 0
    """Number of fillers among its words."""


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """The result for one utterance, and which engines contributed to it."""

    alternatives: tuple[Hypothesis, ...] = ()
    """Best first; empty if nothing was heard."""
    filler_path: FillerPath | None = None
    """None if the audio was not decoded with fillers."""
    reach: float = inf
    """Distance below the best, in log-likelihood, down to which every alternative is known;
    infinite if there can be no others.
    """
    fused: bool = False
    """True if a second model's log-likelihoods were added."""
    spotted: Mapping[str, float] = field(default_factory=dict, repr=False)
    """A spotter's log-odds that words are in the audio; empty if it was not asked."""
    rescored: Mapping[tuple[str, ...], Rescored] = field(default_factory=dict, repr=False)
    """The rescorer's scores for each alternative's words, by which they are also ranked; empty if
    it was not asked.
    """
    left_out: bool = field(default=False, compare=False)
    """True if the rescorer was too slow for this utterance."""
    passes: int = field(default=0, compare=False)
    """Number of passes over the audio, or its beginning, until this result."""
    cost_ms: int = field(default=0, compare=False)
    """Time that they took, in real milliseconds."""

    @property
    def at_most(self) -> float:
        """The highest log-likelihood of words outside the alternatives, if there are any."""
        return self.alternatives[0].log_likelihood - self.reach


@dataclass(frozen=True, slots=True)
class MorePasses:
    """The passes that an utterance needs: the rescorer if there is one, else the second model. The
    spotter never runs without either.
    """

    fillers: bool = False
    second: bool = False
    spotter: bool = False
    rescorer: bool = False
    waits: bool = True
    """True to wait for the rescorer; otherwise it may start, and be asked again later."""


Needs = Callable[[RecognitionResult], MorePasses]
"""Decides which passes an utterance needs. Called with the first model's result and, if the fillers
are needed, again with their path. A rescorer that the first answer already asks for works beside
the fillers.
"""
