"""Computes the confidence of an interpretation: evidence in, a probability out.

A logistic function of the evidence for the best meaning: its distances in log-likelihood to the
best alternative with another meaning, to the best without a meaning under the grammar, and to the
best path through fillers (out-of-grammar words); how many of its words are fillers; how long, how
fast, and how clearly it was spoken; and whether a spotter finds its words without a grammar.
Numbers and commands have separate weights. The weights are fitted over folds of speakers and stored
beside the acoustic model (decisions 71 and 73).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.hearing.result import MorePasses
from bot.types import Interpretation

LARGEST_WEIGHT = 1_000.0
"""Limit for a feature's weight; features range from about 0 to 12."""


@dataclass(frozen=True, slots=True)
class ConfidenceParameters:
    """Limits beyond which evidence counts no further. Weights are fitted for these values; changing
    them requires fitting the weights again.
    """

    farthest: float = 12.0
    """Largest distance in log-likelihood that counts."""
    farthest_of_command: float = 4.0
    """Largest distance in log-likelihood that counts between meanings of commands; where numbers
    are expected too, the search goes farther.
    """
    farthest_own: float = 8.0
    """Largest distance in log-likelihood that counts between the rescorer's own hypotheses."""
    spotted: float = 8.0
    """Largest log-odds that count for a word's presence or absence."""
    clear_db: float = 40.0
    """Largest distance from noise to speech that counts, dB."""
    fastest: float = 5.0
    """Highest speaking rate that counts, words per second."""
    longest_s: float = 3.0
    """Longest time for one word that counts, seconds."""


FITTED = ConfidenceParameters()


@dataclass(frozen=True, slots=True)
class Sound:
    """Measurements of the spoken parts: milliseconds of speech, and its level over the noise
    in dB.
    """

    speech_ms: int = 0
    snr_db: float = 0.0


@dataclass(frozen=True, slots=True)
class RescoredEvidence:
    """A rescorer's evidence for the best value (decision 76), as log-likelihoods.

    ``over_other`` is the distance to the alternative that it ranks highest among the others,
    negative if it prefers that one; None if there is none. ``behind`` is how much likelier its own
    transcription is, token by token. ``own`` is the distance to the best other value among its own
    hypotheses (decision 81): minus infinity if they do not include the value, 0 if it has none.
    """

    over_other: float | None
    behind: float
    own: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence for the best value of an entry.

    ``over_other`` is the distance in log-likelihood to the best alternative with another meaning,
    ``over_nothing`` to the best without a meaning, ``over_filler`` to the filler path (negative if
    that one is better); None if there is none, for the first within ``reach``. ``words`` counts
    those of the best alternative, ``unknown`` the fillers in the filler path. ``both`` is True if
    two models were fused. ``sentence`` is True for a number with words around it or inside, such as
    "my PIN is"; all that has the same digits then counts for it. ``spotted`` has a spotter's
    log-odds for its words; empty without one. ``rescored`` is None if the rescorer was not asked.
    """

    over_other: float | None
    over_nothing: float | None
    words: int
    sound: Sound
    over_filler: float | None = None
    unknown: int = 0
    number: bool = True
    sentence: bool = False
    reach: float = math.inf
    both: bool = False
    spotted: tuple[float, ...] = ()
    rescored: RescoredEvidence | None = None

    @property
    def seconds_per_word(self) -> float:
        """Mean duration of a word, pauses included; 0 if no speech was measured."""
        return self.sound.speech_ms / 1000 / max(1, self.words)

    @property
    def words_per_second(self) -> float:
        """Speaking rate; 0 if no speech was measured."""
        return self.words * 1000 / self.sound.speech_ms if self.sound.speech_ms else 0.0


_OF_SPOTTER, _OF_RESCORER = "spotted_", "rescored_"


def _within(distance: float | None, least: float, farthest: float) -> float:
    return farthest if distance is None else min(farthest, max(least, distance))


def features(evidence: Evidence, most: ConfidenceParameters = FITTED) -> dict[str, float]:
    """Return the inputs of the weights by name, each about 0 to 12 in size."""
    reach = evidence.reach if evidence.number else most.farthest_of_command
    other = min(_within(evidence.over_other, 0.0, most.farthest), reach)
    nothing = _within(evidence.over_nothing, -most.farthest, most.farthest)
    filler = _within(evidence.over_filler, -most.farthest, most.farthest)
    least_spotted = min(evidence.spotted, default=0.0)
    most_spotted = max(evidence.spotted, default=0.0)
    snr_db = evidence.sound.snr_db
    rescored = evidence.rescored or RescoredEvidence(None, 0.0)
    apart = _within(rescored.over_other, -most.farthest, most.farthest)
    own = _within(rescored.own, -most.farthest_own, most.farthest_own)
    return {
        "root_other": math.sqrt(other),
        "other": other,
        "nothing": nothing,
        "nothing_ahead": max(0.0, nothing),
        "filler": filler,
        "filler_behind": min(0.0, filler),
        "unknown": min(3.0, float(evidence.unknown)),
        "words": min(8.0, float(evidence.words)),
        "snr": min(most.clear_db, max(0.0, snr_db)) / 10 if snr_db else 2.0,
        "fast": max(0.0, min(most.fastest, evidence.words_per_second) - 3.0),
        "long": min(most.longest_s, evidence.seconds_per_word),
        f"{_OF_SPOTTER}least": max(-most.spotted, min(most.spotted, least_spotted)),
        f"{_OF_SPOTTER}most": max(-most.spotted, min(most.spotted, most_spotted)),
        f"{_OF_RESCORER}other": apart,
        f"{_OF_RESCORER}against": min(0.0, apart),
        f"{_OF_RESCORER}behind": min(most.farthest, rescored.behind),
        f"{_OF_RESCORER}own": own,
        f"{_OF_RESCORER}own_first": float(own > 0.0),
    }


FEATURES = tuple(features(Evidence(None, None, 0, Sound())))


@dataclass(frozen=True, slots=True)
class Logistic:
    """A bias, and a weight for each feature used."""

    bias: float
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.weights) - set(FEATURES))
        if unknown:
            raise ValueError(f"unknown features: {', '.join(unknown)}")
        if not all(abs(number) <= LARGEST_WEIGHT for number in (self.bias, *self.weights.values())):
            raise ValueError(f"a weight is larger than {LARGEST_WEIGHT:g}, or not a number")

    @property
    def spots(self) -> bool:
        """True if a weight uses the spotter."""
        return any(name.startswith(_OF_SPOTTER) for name in self.weights)

    def probability(self, values: Mapping[str, float]) -> float:
        """Return the probability for the values of the features."""
        log_odds = self.bias + sum(w * values[name] for name, w in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds))))


@dataclass(frozen=True, slots=True)
class Confidence:
    """Fitted weights: for digit strings, and for everything else."""

    number: Logistic
    command: Logistic
    both: Confidence | None = None
    """Weights for results of two models; None if no second model is used."""
    rescored: Confidence | None = None
    """Weights for results scored by a rescorer, which then replaces the second model; None without
    one.
    """
    parameters: ConfidenceParameters = FITTED
    sentence: Logistic | None = None
    """Weights for numbers with words around them; None to weigh them like other numbers."""

    def probability(self, evidence: Evidence) -> float:
        """Return the probability (0-1) that the value is what the caller meant."""
        fitted = self.both if evidence.both and self.both else self
        if evidence.rescored and self.rescored:
            fitted = self.rescored
        return fitted.weights_of(evidence).probability(features(evidence, self.parameters))

    def weights_of(self, evidence: Evidence) -> Logistic:
        """Return the weights for this kind of entry."""
        if not evidence.number:
            return self.command
        return self.sentence if evidence.sentence and self.sentence else self.number

    def asks(self, best: Interpretation | None) -> MorePasses:
        """Return the passes to run after the first model's: the rescorer or else the second model,
        and the spotter if their weights use it. ``best`` is None for an entry without a meaning.
        """
        beside = self.rescored or self.both
        if beside is None:
            return MorePasses()
        number = best is not None and best.value.isdigit()
        return MorePasses(
            second=beside is self.both,
            spotter=(beside.number if number else beside.command).spots,
            rescorer=beside is self.rescored,
        )

    def beside(self, *, rescorer: bool) -> Confidence:
        """Return a copy with the weights of only one other listener: the rescorer, if there is one
        with fitted weights, else the second model.
        """
        if rescorer and self.rescored:
            return replace(self, both=None)
        return replace(self, rescored=None)

    @property
    def spots(self) -> bool:
        """True if any weight uses the spotter."""
        others = [each for each in (self.both, self.rescored) if each is not None]
        return any((self.number.spots, self.command.spots, *(each.spots for each in others)))


_WEIGHTS = {"root_other": 0.741, "other": 0.083, "nothing": 0.295, "nothing_ahead": -0.231}
UNFITTED = Confidence(Logistic(-0.973, _WEIGHTS), Logistic(-0.973, _WEIGHTS))
"""For other people's models: fitted with the project's first model, without fillers."""


def shares(log_likelihoods: Sequence[float]) -> list[float]:
    """Return each alternative's share of the total likelihood; empty for empty input."""
    if not log_likelihoods:
        return []
    best = max(log_likelihoods)
    weights = [math.exp(one - best) for one in log_likelihoods]
    total = sum(weights)
    return [weight / total for weight in weights]
