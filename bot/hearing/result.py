"""The recognition result of one utterance, passed from the recognizers to the entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

from bot.interfaces import Rescored
from bot.types import Hypothesis


@dataclass(frozen=True, slots=True)
class FillerPath:
    """The best path of an utterance through words outside the grammars (fillers), too."""

    log_likelihood: float = 0.0
    unknown: int = 0
    """How many of its words are fillers."""


@dataclass(frozen=True, slots=True)
class RecognitionResult:
    """One utterance as it was heard, and who heard it."""

    alternatives: tuple[Hypothesis, ...] = ()
    """Best first; empty where nothing was heard."""
    filler_path: FillerPath | None = None
    """None where the audio was not decoded with fillers."""
    reach: float = inf
    """How far behind the best, in log-likelihood, every alternative is known; infinite where there
    can be no others."""
    fused: bool = False
    """Whether a second model's log-likelihoods are added."""
    spotted: Mapping[str, float] = field(default_factory=dict, repr=False)
    """Log-odds by a spotter that words are in the audio; empty where it was not asked."""
    rescored: Mapping[tuple[str, ...], Rescored] = field(default_factory=dict, repr=False)
    """What a rescorer says of the words of each alternative, which are ranked by it, too; empty
    where it was not asked."""
    left_out: bool = field(default=False, compare=False)
    """Whether the rescorer was too slow for this utterance."""
    passes: int = field(default=0, compare=False)
    """How often engines heard the audio, or its beginning, until this was known."""
    cost_ms: int = field(default=0, compare=False)
    """How long they worked on it, in real time."""

    @property
    def at_most(self) -> float:
        """The highest log-likelihood of words that are no alternative, where there are some."""
        return self.alternatives[0].log_likelihood - self.reach


@dataclass(frozen=True, slots=True)
class MorePasses:
    """Who else is to hear an utterance: the rescorer where there is one, else the second model.
    The spotter is never asked without either."""

    fillers: bool = False
    second: bool = False
    spotter: bool = False
    rescorer: bool = False
    waits: bool = True
    """Whether the rescorer is waited for; it may begin, and be asked again later."""


Needs = Callable[[RecognitionResult], MorePasses]
"""Asked what an utterance needs: first with what the first model heard, and where it needs the
fillers, once more with their path."""
