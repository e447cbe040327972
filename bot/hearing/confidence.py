"""How sure an interpretation is: evidence in, a probability out.

A logistic function of what speaks for the best meaning: distances in log-likelihood to the best
alternative that means something else, to the best that means nothing under the grammar, and to
the best path through words of no grammar (fillers); how much of what was said was none of the
grammar's words; how long, how fast and how clearly it was said; whether its words are spotted where
no grammar offers them. Numbers and commands have weights of their own. The weights are fitted over
folds of speakers and lie beside the acoustic model (decisions 71 and 73).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.hearing.result import MorePasses
from bot.types import Interpretation

LARGEST_WEIGHT = 1_000.0
"""Of the features, which are all about 0 to 12."""


@dataclass(frozen=True, slots=True)
class ConfidenceParameters:
    """Where evidence tells no more. Weights are fitted for these values: with others they are to be
    fitted again."""

    farthest: float = 12.0
    """Largest distance in log-likelihood that counts."""
    farthest_of_command: float = 4.0
    """Largest distance in log-likelihood that counts between meanings of commands: where numbers
    are asked for too, they are looked for farther."""
    farthest_own: float = 8.0
    """Largest distance in log-likelihood that counts between what a rescorer came upon itself."""
    spotted: float = 8.0
    """Largest log-odds that count, of a word to be there or not."""
    clear_db: float = 40.0
    """Largest distance from noise to speech that counts, dB."""
    fastest: float = 5.0
    """Highest speaking rate that counts, words per second."""
    longest_s: float = 3.0
    """Longest time for one word that counts, seconds."""


FITTED = ConfidenceParameters()


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured of the spoken parts: milliseconds of speech, and its level over noise."""

    speech_ms: int = 0
    snr_db: float = 0.0


@dataclass(frozen=True, slots=True)
class RescoredEvidence:
    """What a rescorer says of the best value (decision 76), as log-likelihoods.

    ``over_other`` is the distance to the likeliest to it of all other alternatives, negative where
    it would have taken that one; None where there is none. ``behind`` is how much likelier what it
    would have heard is, token by token. ``own`` is the distance to the likeliest other of what it
    came upon by itself (decision 81), minus infinity where it did not come upon the value; 0 where
    it came upon nothing.
    """

    over_other: float | None
    behind: float
    own: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about the best value of an entry.

    ``over_other`` is the distance in log-likelihood to the best alternative that means something
    else, ``over_nothing`` to the best that means nothing, ``over_filler`` to the filler path
    (negative where that one is better); None where there is none, within ``reach`` for the first.
    ``words`` are those of the best alternative, ``unknown`` the fillers in that path. ``both``: two
    models were added. ``spotted`` are the log-odds of its words by a spotter, empty where there is
    none. ``rescored`` is what a rescorer says, None where it was not asked.
    """

    over_other: float | None
    over_nothing: float | None
    words: int
    sound: Sound
    over_filler: float | None = None
    unknown: int = 0
    number: bool = True
    reach: float = math.inf
    both: bool = False
    spotted: tuple[float, ...] = ()
    rescored: RescoredEvidence | None = None

    @property
    def seconds_per_word(self) -> float:
        """How long a word takes, pauses included; 0 where no speech was measured."""
        return self.sound.speech_ms / 1000 / max(1, self.words)

    @property
    def words_per_second(self) -> float:
        """Speaking rate; 0 where no speech was measured."""
        return self.words * 1000 / self.sound.speech_ms if self.sound.speech_ms else 0.0


_OF_SPOTTER, _OF_RESCORER = "spotted_", "rescored_"


def _within(distance: float | None, least: float, farthest: float) -> float:
    return farthest if distance is None else min(farthest, max(least, distance))


def features(evidence: Evidence, most: ConfidenceParameters = FITTED) -> dict[str, float]:
    """What the weights are for; each near 0 to 12, growing with or against sureness."""
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
    """A bias and a weight for each feature that tells something."""

    bias: float
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.weights) - set(FEATURES))
        if unknown:
            raise ValueError(f"unknown features: {', '.join(unknown)}")
        if not all(abs(number) <= LARGEST_WEIGHT for number in (self.bias, *self.weights.values())):
            raise ValueError("a weight is a number that tells something")

    @property
    def spots(self) -> bool:
        """Whether it goes by what a spotter says."""
        return any(name.startswith(_OF_SPOTTER) for name in self.weights)

    def probability(self, values: Mapping[str, float]) -> float:
        """Of `values` by feature."""
        log_odds = self.bias + sum(w * values[name] for name, w in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds))))


@dataclass(frozen=True, slots=True)
class Confidence:
    """Fitted weights: of digit strings, and of everything else."""

    number: Logistic
    command: Logistic
    both: Confidence | None = None
    """Weights of what was heard by two models; None where a second is never asked."""
    rescored: Confidence | None = None
    """Weights of what was scored by a rescorer, which is asked in the second's place; None where
    there is none."""
    parameters: ConfidenceParameters = FITTED

    def probability(self, evidence: Evidence) -> float:
        """Probability (0-1) that the value is what the caller meant."""
        fitted = self.both if evidence.both and self.both else self
        if evidence.rescored and self.rescored:
            fitted = self.rescored
        kind = fitted.number if evidence.number else fitted.command
        return kind.probability(features(evidence, self.parameters))

    def asks(self, best: Interpretation | None) -> MorePasses:
        """Who else is to hear what the first model made of this: the rescorer or else the second
        model, and the spotter where their weights go by it. None is an entry without a meaning."""
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
        """The same with the weights of one alone that hears beside the first model: those of the
        rescorer where there is one and they were fitted, else those of the second model."""
        if rescorer and self.rescored:
            return replace(self, both=None)
        return replace(self, rescored=None)

    @property
    def spots(self) -> bool:
        """Whether any weights go by what a spotter says."""
        others = [each for each in (self.both, self.rescored) if each is not None]
        return any((self.number.spots, self.command.spots, *(each.spots for each in others)))


_WEIGHTS = {"root_other": 0.741, "other": 0.083, "nothing": 0.295, "nothing_ahead": -0.231}
UNFITTED = Confidence(Logistic(-0.973, _WEIGHTS), Logistic(-0.973, _WEIGHTS))
"""For models from elsewhere: fitted with the project's first model and without fillers."""


def shares(log_likelihoods: Sequence[float]) -> list[float]:
    """The part of each alternative in the likelihood of all; empty in, empty out."""
    if not log_likelihoods:
        return []
    best = max(log_likelihoods)
    weights = [math.exp(one - best) for one in log_likelihoods]
    total = sum(weights)
    return [weight / total for weight in weights]
