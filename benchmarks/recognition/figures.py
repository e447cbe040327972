"""From answers to figures: counts by measure, condition, listener and group, and what they cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field, replace
from typing import Any

from acoustic_model.data.label_check import edits
from benchmarks.recognition.answers import Answer
from benchmarks.recognition.judged import LINE, Judged, meanings
from benchmarks.recognition.speakers import SYNTHETIC, groups
from bot.evaluation.statistics import Share

DETAILED = (LINE, "tel_ulaw_babble10")
"""Conditions whose strings are also counted by speaker, kind and length."""

EVERYWHERE = ("source", "voice", "accent")
BRIEFLY = ("taken unasked", "taken unasked and wrong")
"""Measures that are counted by source only."""

ALL = "all"


@dataclass(frozen=True, slots=True)
class Figure:
    """One count."""

    measure: str
    condition: str
    listener: str
    by: str
    group: str
    count: int
    of: int

    @property
    def share(self) -> Share:
        """With its interval."""
        return Share(self.count, self.of)


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a listener."""

    listener: str
    cpu_per_audio: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """All figures of one run; ``model`` is the hash of its files.

    ``later`` are measures, in words, that were made again with another model.
    """

    model: str
    every: int
    figures: tuple[Figure, ...]
    costs: tuple[Cost, ...]
    later: Mapping[str, str] = field(default_factory=dict)

    def with_later(
        self, run: Recognition, measures: Sequence[str] = (), listeners: Sequence[str] = ()
    ) -> Recognition:
        """These figures, but those of the measures that begin so and of these listeners (of all
        where none is named) are of the later run."""

        def again(one: Figure) -> bool:
            named = not listeners or one.listener in listeners
            return named and one.measure.startswith(tuple(measures) or "")

        kept = [one for one in self.figures if not again(one)]
        found = [one for one in run.figures if again(one)]
        costs = {one.listener: one for one in self.costs}
        if not measures:
            costs |= {one.listener: one for one in run.costs if one.listener in listeners}
        whose = f", {' and '.join(listeners)}" if listeners else ""
        made = {f"{measure}{whose}": run.model for measure in measures or ("all",)}
        return replace(
            self,
            figures=(*kept, *found),
            costs=tuple(costs.values()),
            later={**self.later, **made},
        )

    def as_json(self) -> dict[str, Any]:
        """For the file of results, a figure as a list."""
        return {**asdict(self), "figures": [astuple(one) for one in self.figures]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Recognition:
        """Read what :meth:`as_json` returned."""
        return cls(
            values["model"],
            values["every"],
            tuple(Figure(*one) for one in values["figures"]),
            tuple(Cost(**one) for one in values["costs"]),
            values.get("later", {}),
        )

    def find(
        self, measure: str, listener: str, by: str = ALL, group: str = ALL, condition: str = LINE
    ) -> Share | None:
        """One share; None where it was not measured."""
        wanted = (measure, condition, listener, by, group)
        for one in self.figures:
            if (one.measure, one.condition, one.listener, one.by, one.group) == wanted:
                return one.share
        return None

    def split(self, measure: str, listener: str, by: str, condition: str = LINE) -> list[Figure]:
        """The groups of one kind."""
        wanted = (measure, condition, listener, by)
        found = [f for f in self.figures if (f.measure, f.condition, f.listener, f.by) == wanted]
        return sorted(found, key=lambda one: (_leading_number(one.group), one.group))


Given = Iterable[tuple[Judged, str, Answer]]
"""The subject, the listener, and the measure of a figure."""


def count(given: Given) -> tuple[Figure, ...]:
    """All figures, in the order in which they first occur."""
    counts: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for judged, listener, answer in given:
        split = _groups(judged)
        for measure, right, of in _counted(judged, listener, answer):
            briefly = measure.endswith(BRIEFLY)
            for by, group in split.items():
                if briefly and by not in (ALL, "source"):
                    continue
                cell = counts[measure, judged.condition, listener, by, group]
                cell[0] += right
                cell[1] += of
    return tuple(Figure(*_five(key), *cell) for key, cell in counts.items())


def cpu_per_audio(answers: Iterable[Answer]) -> float:
    """CPU seconds for each second of audio that was listened to."""
    cpu_s = audio_s = 0.0
    for answer in answers:
        cpu_s += answer.cpu_s
        audio_s += answer.audio_s
    return round(cpu_s / max(audio_s, 1e-9), 4)


def _leading_number(group: str) -> int:
    """``10 digits`` comes after ``4 digits``."""
    first = group.split(" ", maxsplit=1)[0]
    return int(first) if first.isdigit() else 0


def _five(key: tuple[str, ...]) -> tuple[str, str, str, str, str]:
    measure, condition, listener, by, group = key
    return measure, condition, listener, by, group


def _groups(judged: Judged) -> dict[str, str]:
    split = groups(judged.clip)
    if judged.measure.startswith("rejection"):
        return {ALL: ALL, "question": judged.question.name}
    if judged.measure == "single words":
        word = " ".join(judged.clip.words)
        recorded = {"recorded word": word} if judged.clip.group != SYNTHETIC else {}
        return {ALL: ALL, "word": word, "source": split["source"], **recorded}
    if judged.condition not in DETAILED:
        split = {by: group for by, group in split.items() if by in EVERYWHERE}
    return {ALL: ALL, **split}


def _counted(judged: Judged, listener: str, answer: Answer) -> list[tuple[str, int, int]]:
    """Return how one answer counts: measure, right, of."""
    heard = answer.heard
    if judged.measure.startswith("rejection"):
        return [] if meanings(judged) else _rejection(judged, listener, answer)
    if judged.measure == "single words" and not meanings(judged):
        return []
    right = heard.value == judged.wanted or heard.value in _also_right(judged)
    found = [(judged.measure, int(right), 1)]
    if judged.measure == "strings":
        words = len(judged.wanted)
        wrong = edits(tuple(judged.wanted), tuple(heard.value))
        found.append(("words of strings", max(0, words - wrong), words))
    if listener == "ours" and judged.measure != "single words":
        taken = heard.decision == "accept"
        found.append((f"{judged.measure} taken unasked", int(taken), 1))
        found.append((f"{judged.measure} taken unasked and wrong", int(taken and not right), 1))
    return found


def _rejection(judged: Judged, listener: str, answer: Answer) -> list[tuple[str, int, int]]:
    """Return the values that a call would accept as an entry, read back as one, or accept as a
    command.
    """
    if listener != "ours":
        taken = len(answer.heard.value) == judged.question.digits
        return [(f"{judged.measure}: taken for an entry", int(taken), 1)]
    decision = answer.heard.decision
    return [
        (f"{judged.measure}: taken for an entry", int(decision == "accept"), 1),
        (f"{judged.measure}: read back", int(decision == "confirm"), 1),
        (f"{judged.measure}: taken for a command", int(decision == "event"), 1),
    ]


def _also_right(judged: Judged) -> set[str]:
    """Return the meanings of single words in the grammars: "account activity" is the option
    "activity".
    """
    return meanings(judged) if judged.measure == "single words" else set()
