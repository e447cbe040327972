"""Sums up what confidence is worth on speakers left out, for the results file and the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from benchmarks.confidence.answers import TITLES, Answers
from benchmarks.confidence.logistic import calibration_error
from benchmarks.confidence.rows import FOREIGN
from benchmarks.intervals import Count, SpeakerShare, share
from benchmarks.recognition.text import CONDITION_NAMES, cell, table

POINTS = (0.3, 0.35, 0.5, 0.7, 0.85, 0.95, 0.97)
WRONG_SHARE = 0.005
"""One answer in 200 may be taken though it is wrong."""
ALL = "all"


@dataclass(frozen=True, slots=True)
class Point:
    """What is taken from a confidence on; foreign speech is of all that was asked."""

    kind: str
    condition: str
    at: float
    right: SpeakerShare
    """Of the answers that are right."""
    wrong: SpeakerShare
    """Of all answers."""
    foreign: int
    foreign_asked: int

    def as_list(self) -> list[Any]:
        """For the file of results."""
        shares = [one.as_list() for one in (self.right, self.wrong)]
        return [*(self.kind, self.condition, self.at), *shares, self.foreign, self.foreign_asked]

    @classmethod
    def from_list(cls, values: Sequence[Any]) -> Point:
        """What :meth:`as_list` gave."""
        kind, condition, at, right, wrong, *foreign = values
        return cls(
            kind,
            condition,
            at,
            SpeakerShare.from_list(right),
            SpeakerShare.from_list(wrong),
            *foreign,
        )


@dataclass(frozen=True, slots=True)
class Believed:
    """All figures of one run; ``errors`` are calibration errors by kind and condition."""

    made: str
    every: int
    beside: str
    errors: tuple[tuple[str, str, int, float], ...]
    points: tuple[Point, ...]

    @classmethod
    def of(
        cls, shown: Mapping[str, Answers], asked: Mapping[str, int], *, every: int, beside: str
    ) -> Believed:
        """Of each kind's answers."""
        errors, points = [], []
        for kind, answers in shown.items():
            for condition, chosen in _by_condition(answers):
                part = _of(answers, chosen)
                error = calibration_error(part.sure, part.right, part.weight)
                errors.append((kind, condition, len(part.rows), round(error, 4)))
                few = (_at_one_in_200(part),) if condition != ALL else ()
                points += [_point(kind, condition, part, asked, at) for at in (*POINTS, *few)]
        return cls(f"{datetime.now(UTC):%Y-%m-%d}", every, beside, tuple(errors), tuple(points))

    def as_json(self) -> dict[str, Any]:
        """For the file of results, a point as a list."""
        return {**asdict(self), "points": [one.as_list() for one in self.points]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Believed:
        """What :meth:`as_json` gave."""
        return cls(
            values["made"],
            values["every"],
            values["beside"],
            tuple(tuple(one) for one in values["errors"]),
            tuple(map(Point.from_list, values["points"])),
        )


def text(found: Believed) -> str:
    """The chapter."""
    return "\n\n".join(_parts(found))


def _parts(found: Believed) -> Iterator[str]:
    every = "" if found.every == 1 else f", of every {found.every}th recording"
    yield "## Knowing how sure"
    yield (
        f"Measured on {found.made}{every}. What each answer is worth was computed without its "
        "speaker: features, ridge, and weights were chosen on the other four fifths of the "
        "speakers (nested folds). The weights that are shipped are fitted on all of them."
    )
    yield "![Reliability](images/confidence-reliability.svg)"
    yield table(
        ("calibration error", "line", "answers"),
        [
            (f"{TITLES[kind]}: {error:.3f}", _line(condition), f"{count}")
            for kind, condition, count, error in found.errors
        ],
    )
    yield "![Operating curve](images/confidence-operating.svg)"
    yield table(
        ("taken from", "line", "of the right answers", "wrong, of all answers", "foreign speech"),
        [
            (
                f"{TITLES[one.kind]}, {one.at:.2f}",
                _line(one.condition),
                cell(one.right, of=True),
                cell(one.wrong),
                f"{one.foreign} of {one.foreign_asked}" if one.condition == ALL else "–",
            )
            for one in found.points
        ],
    )
    yield (
        "The last row of each line is the least confidence from which at most one answer in 200 is "
        "wrong."
    )


def _line(condition: str) -> str:
    return "all lines" if condition == ALL else CONDITION_NAMES[condition]


Chosen = np.typing.NDArray[np.bool_]


def _by_condition(answers: Answers) -> Iterator[tuple[str, Chosen]]:
    conditions = np.array([row.condition for row in answers.rows])
    yield ALL, np.ones(len(conditions), bool)
    for condition in dict.fromkeys(row.condition for row in answers.rows):
        yield condition, conditions == condition


def _of(answers: Answers, chosen: Chosen) -> Answers:
    rows = tuple(row for row, wanted in zip(answers.rows, chosen, strict=True) if wanted)
    return Answers(rows, answers.right[chosen], answers.weight[chosen], answers.sure[chosen])


def _at_one_in_200(answers: Answers) -> float:
    """The least confidence from which at most WRONG_SHARE of all answers are taken and wrong."""
    known = np.array([row.kind != FOREIGN for row in answers.rows])
    wrong = np.sort(answers.sure[known & (answers.right == 0)])[::-1]
    allowed = int(WRONG_SHARE * known.sum())
    return float(np.nextafter(wrong[allowed], 2.0)) if len(wrong) > allowed else 0.0


def _point(
    kind: str, condition: str, answers: Answers, asked: Mapping[str, int], at: float
) -> Point:
    taken = answers.sure >= at
    known = [row.kind != FOREIGN for row in answers.rows]
    given = list(zip(answers.rows, taken, answers.right > 0, known, strict=True))
    right = _counted(
        (row.speaker, took) for row, took, fits, is_known in given if fits and is_known
    )
    wrong = _counted(
        (row.speaker, took and not fits) for row, took, fits, is_known in given if is_known
    )
    foreign = sum(bool(took) for _, took, _, is_known in given if not is_known)
    return Point(kind, condition, round(at, 4), share(right), share(wrong), foreign, asked[FOREIGN])


def _counted(given: Iterable[tuple[str, bool]]) -> dict[str, Count]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for speaker, counted in given:
        counts[speaker][0] += int(counted)
        counts[speaker][1] += 1
    return {speaker: (count, of) for speaker, (count, of) in counts.items()}
