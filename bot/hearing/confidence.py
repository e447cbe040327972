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
from dataclasses import dataclass

from bot.hearing.result import MorePasses
from bot.types import Interpretation

LARGEST_WEIGHT = 1_000.0
"""Of the features, which are all about 0 to 12."""

FARTHEST = 12.0
"""Distances beyond this tell no more."""


SURE_ALONE = 0.97
"""A number that is so sure is taken at every point that is in use (decisions 40 and 41)."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured of the spoken parts: milliseconds of speech, and its level over noise."""

    speech_ms: int = 0
    snr_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about the best value of an entry.

    ``over_other`` is the distance in log-likelihood to the best alternative that means something
    else, ``over_nothing`` to the best that means nothing, ``over_filler`` to the filler path
    (negative where that one is better); None where there is none, within ``reach`` for the first.
    ``words`` are those of the best alternative, ``unknown`` the fillers in that path. ``both``: two
    models were added. ``spotted`` are the log-odds of its words by a spotter, empty where there is
    none.
    """

    over_other: float | None
    over_nothing: float | None
    words: int
    sound: Sound
    over_filler: float | None = None
    unknown: int = 0
    number: bool = True
    reach: float = FARTHEST
    both: bool = False
    spotted: tuple[float, ...] = ()

    @property
    def seconds_per_word(self) -> float:
        """How long a word takes, pauses included; 0 where no speech was measured."""
        return self.sound.speech_ms / 1000 / max(1, self.words)

    @property
    def words_per_second(self) -> float:
        """Speaking rate; 0 where no speech was measured."""
        return self.words * 1000 / self.sound.speech_ms if self.sound.speech_ms else 0.0


_NARROW = 4.0
"""How far a command's rivals are told apart: where numbers are asked for too, they are looked for
farther."""
_OF_SPOTTER = "spotted_"
_SPOTTED = 8.0
"""Log-odds beyond this, of a word to be there or not, tell no more."""
_CLEAR_DB, _FASTEST, _LONGEST_S = 40.0, 5.0, 3.0


def _within(distance: float | None, least: float) -> float:
    return FARTHEST if distance is None else min(FARTHEST, max(least, distance))


def _log_odds(spotted: float) -> float:
    return max(-_SPOTTED, min(_SPOTTED, spotted))


def features(evidence: Evidence) -> dict[str, float]:
    """What the weights are for; each near 0 to 12, growing with or against sureness."""
    farthest = evidence.reach if evidence.number else _NARROW
    other = min(_within(evidence.over_other, 0.0), farthest)
    nothing = _within(evidence.over_nothing, -FARTHEST)
    filler = _within(evidence.over_filler, -FARTHEST)
    snr_db = evidence.sound.snr_db
    return {
        "root_other": math.sqrt(other),
        "other": other,
        "nothing": nothing,
        "nothing_ahead": max(0.0, nothing),
        "filler": filler,
        "filler_behind": min(0.0, filler),
        "unknown": min(3.0, float(evidence.unknown)),
        "words": min(8.0, float(evidence.words)),
        "snr": min(_CLEAR_DB, max(0.0, snr_db)) / 10 if snr_db else 2.0,
        "fast": max(0.0, min(_FASTEST, evidence.words_per_second) - 3.0),
        "long": min(_LONGEST_S, evidence.seconds_per_word),
        f"{_OF_SPOTTER}least": _log_odds(min(evidence.spotted, default=0.0)),
        f"{_OF_SPOTTER}most": _log_odds(max(evidence.spotted, default=0.0)),
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
    """Fitted weights: of digit strings, and of everything else.

    ``both`` are those of what was heard by two models; None where a second is never asked.
    """

    number: Logistic
    command: Logistic
    both: Confidence | None = None

    def probability(self, evidence: Evidence) -> float:
        """Probability (0-1) that the value is what the caller meant."""
        fitted = self.both if evidence.both and self.both else self
        kind = fitted.number if evidence.number else fitted.command
        return kind.probability(features(evidence))

    def asks(self, best: Interpretation | None) -> MorePasses:
        """Who else is to hear what one model made this of: for every command, and each number
        that is less sure than a decision may need. None is an entry without a meaning."""
        if self.both is None:
            return MorePasses()
        if best is None or not best.value.isdigit():
            return MorePasses(second=True, spotter=self.both.command.spots)
        second = best.confidence < SURE_ALONE
        return MorePasses(second=second, spotter=second and self.both.number.spots)

    @property
    def spots(self) -> bool:
        """Whether any weights go by what a spotter says."""
        return self.number.spots or self.command.spots or bool(self.both and self.both.spots)


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
