"""Computes figures from replayed calls: completion, wrong refusals and acceptances, turns, time."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

from benchmarks import intervals
from benchmarks.intervals import SpeakerShare
from benchmarks.recognition.figures import ALL
from bot.records import CallRecord

GOAL = "reached their goal"
COMPLETED = "completed without a person"
FALSE = "verified as somebody else, or with a wrong PIN"
WASTED = "attempts wasted by mishearing"
REFUSED = "strangers refused"


@dataclass(frozen=True, slots=True)
class Planned:
    """One planned call: caller, behavior, line, and the correct result."""

    name: str
    behavior: str
    line: str
    speaker: str
    source: str
    voice: str
    license_number: str
    refused: int
    knows_pin: bool
    goal: str = "status"

    @property
    def groups(self) -> dict[str, str]:
        """The groups by which figures are split."""
        known = {
            ALL: ALL,
            "behavior": self.behavior,
            "line": self.line,
            "source": self.source,
            "voice": self.voice,
        }
        return {by: group for by, group in known.items() if group}


@dataclass(frozen=True, slots=True)
class Made:
    """Result of a call. ``attempts`` counts the submitted PINs."""

    name: str
    outcome: str
    verified: bool
    license_number: str | None
    attempts: int
    turns: int
    duration_ms: int

    @classmethod
    def of(cls, name: str, record: CallRecord) -> Made:
        """The result in a call's record."""
        outcome = record.outcome
        return cls(
            name,
            outcome.outcome,
            outcome.verified,
            outcome.license_number,
            sum(turn.field == "pin" and turn.decision == "accept" for turn in record.turns),
            len(record.turns),
            record.duration_ms,
        )


@dataclass(frozen=True, slots=True)
class Count:
    """One share of calls or attempts."""

    measure: str
    by: str
    group: str
    share: SpeakerShare

    def as_list(self) -> list[Any]:
        """For the file of results."""
        return [self.measure, self.by, self.group, *self.share.as_list()]

    @classmethod
    def from_list(cls, values: Sequence[Any]) -> Count:
        """What :meth:`as_list` gave."""
        measure, by, group, *share = values
        return cls(measure, by, group, SpeakerShare.from_list(share))


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over calls with its 95 % interval over speakers (None of one alone), and two
    percentiles."""

    measure: str
    by: str
    group: str
    calls: int
    mean: float
    low: float | None
    high: float | None
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Calls:
    """All figures of the whole calls; ``unmade`` are calls that could not be made."""

    model: str
    calls: int
    unmade: int
    counts: tuple[Count, ...]
    means: tuple[Mean, ...]

    def as_json(self) -> dict[str, Any]:
        """Values for the results file; each figure is a list."""
        lists = {
            "counts": [one.as_list() for one in self.counts],
            "means": [astuple(one) for one in self.means],
        }
        return {**asdict(self), **lists}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Calls:
        """Reads what :meth:`as_json` returned."""
        return cls(
            values["model"],
            values["calls"],
            values["unmade"],
            tuple(map(Count.from_list, values["counts"])),
            tuple(Mean(*one) for one in values["means"]),
        )

    def share(self, measure: str, by: str = ALL, group: str = ALL) -> SpeakerShare | None:
        """One share; None if not measured."""
        for one in self.counts:
            if (one.measure, one.by, one.group) == (measure, by, group):
                return one.share
        return None

    def mean(self, measure: str, by: str = ALL, group: str = ALL) -> Mean | None:
        """One mean; None if not measured."""
        for one in self.means:
            if (one.measure, one.by, one.group) == (measure, by, group):
                return one
        return None

    def groups(self, by: str) -> list[str]:
        """Names of the groups, in planned order."""
        return list(dict.fromkeys(one.group for one in self.counts if one.by == by))


Pairs = Sequence[tuple[Planned, Made]]


def count(pairs: Pairs) -> tuple[Count, ...]:
    """All shares. A stranger's call counts only for false verification and refusal."""
    measures: dict[str, Callable[[Planned, Made], tuple[int, int]]] = {
        GOAL: _reached,
        COMPLETED: _completed,
        FALSE: _false,
        WASTED: _wasted,
        REFUSED: _refused,
    }
    found = []
    for measure, counted in measures.items():
        cells: dict[tuple[str, str], dict[str, tuple[int, int]]] = defaultdict(dict)
        for planned, made in pairs:
            right, of = counted(planned, made)
            for key in planned.groups.items():
                before = cells[key].get(planned.speaker, (0, 0))
                cells[key][planned.speaker] = (before[0] + right, before[1] + of)
        shares = ((key, intervals.share(cell)) for key, cell in cells.items())
        found += [Count(measure, *key, share) for key, share in shares if share.of]
    return tuple(found)


def means(pairs: Pairs) -> tuple[Mean, ...]:
    """Turns and seconds of completed calls."""
    found = []
    done = [pair for pair in pairs if pair[0].goal == "status" and pair[1].outcome == "completed"]
    for measure, value in (
        ("turns", lambda made: float(made.turns)),
        ("seconds", lambda made: made.duration_ms / 1000),
    ):
        cells: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(dict)
        for planned, made in done:
            for key in planned.groups.items():
                cells[key].setdefault(planned.speaker, []).append(value(made))
        found += [_mean(measure, key, values) for key, values in cells.items()]
    return tuple(found)


def _reached(planned: Planned, made: Made) -> tuple[int, int]:
    """Return True if a call reached its goal."""
    reached = {
        "status": made.outcome == "completed" and made.verified,
        "person": made.outcome == "transferred",
        "information": made.outcome == "completed" and not made.verified,
        "refusal": not made.verified,
    }
    return int(reached[planned.goal]), 1


def _completed(planned: Planned, made: Made) -> tuple[int, int]:
    done = made.outcome == "completed" and made.verified
    wanted = planned.knows_pin and planned.goal == "status"
    return int(done and wanted), int(wanted)


def _false(planned: Planned, made: Made) -> tuple[int, int]:
    wrong = not planned.knows_pin or made.license_number != planned.license_number
    return int(made.verified and wrong), 1


def _wasted(planned: Planned, made: Made) -> tuple[int, int]:
    """Refusals beyond those that the caller deserves, out of all submitted PINs."""
    if not planned.knows_pin:
        return 0, 0
    refused = made.attempts - int(made.verified)
    return max(0, refused - planned.refused), made.attempts


def _refused(planned: Planned, made: Made) -> tuple[int, int]:
    return int(not planned.knows_pin and not made.verified), int(not planned.knows_pin)


def _mean(measure: str, key: tuple[str, str], by_speaker: Mapping[str, Sequence[float]]) -> Mean:
    ordered = sorted(value for values in by_speaker.values() for value in values)
    sums = {speaker: (sum(values), len(values)) for speaker, values in by_speaker.items()}
    low, high = intervals.mean_interval(sums) or (None, None)
    late = ordered[min(len(ordered) - 1, math.ceil(0.95 * len(ordered)) - 1)]
    return Mean(
        measure,
        *key,
        calls=len(ordered),
        mean=round(statistics.fmean(ordered), 2),
        low=low and round(low, 2),
        high=high and round(high, 2),
        p50=round(statistics.median(ordered), 2),
        p95=round(late, 2),
    )
