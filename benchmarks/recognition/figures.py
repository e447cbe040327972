"""From answers to figures: counts by measure, condition, listener and group, and what they cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from acoustic_model.data.label_check import edits
from benchmarks.intervals import Count, Difference, SpeakerShare, difference, share
from benchmarks.recognition.answers import Answer
from benchmarks.recognition.judged import LINE, Judged, meanings
from benchmarks.recognition.speakers import SYNTHETIC, groups, speaker_of

DETAILED = (LINE, "tel_ulaw_babble10")
"""Conditions whose strings are also counted by speaker, kind and length."""

EVERYWHERE = ("source", "voice", "accent")
BRIEFLY = ("taken unasked", "taken unasked and wrong")
"""Measures that are counted by source only."""

ALL = "all"
RECORDINGS = "recordings"
"""People, without the synthetic voices."""

COMPARED = ("strings", "words of strings")
"""Measures whose listeners are compared on the same speakers."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One share, and what it is of."""

    measure: str
    condition: str
    listener: str
    by: str
    group: str
    share: SpeakerShare

    def as_list(self) -> list[Any]:
        """For the file of results."""
        of = (self.measure, self.condition, self.listener, self.by, self.group)
        return [*of, *self.share.as_list()]

    @classmethod
    def from_list(cls, values: Sequence[Any]) -> Figure:
        """What :meth:`as_list` gave."""
        measure, condition, listener, by, group, *share = values
        return cls(measure, condition, listener, by, group, SpeakerShare.from_list(share))


@dataclass(frozen=True, slots=True)
class Lead:
    """How far our chain is ahead of another listener, of all recordings."""

    measure: str
    condition: str
    listener: str
    """The other one."""
    by: Difference

    def as_list(self) -> list[Any]:
        """For the file of results."""
        one = self.by
        of = (self.measure, self.condition, self.listener)
        return [*of, round(one.points, 2), one.speakers, *one.interval]

    @classmethod
    def from_list(cls, values: Sequence[Any]) -> Lead:
        """What :meth:`as_list` gave."""
        measure, condition, listener, points, speakers, low, high = values
        return cls(measure, condition, listener, Difference(points, speakers, (low, high)))


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
    leads: tuple[Lead, ...] = ()
    left_out: tuple[str, ...] = ()
    """What was not measured, and why."""
    made: str = ""
    """The day, as in 2026-11-30."""
    whisper: bool = True
    """Whether our chain heard with Whisper."""

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
        compared = {(one.measure, one.condition, one.listener) for one in run.leads}
        leads = [
            one for one in self.leads if (one.measure, one.condition, one.listener) not in compared
        ]
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
            leads=(*leads, *run.leads),
        )

    def as_json(self) -> dict[str, Any]:
        """For the file of results, a figure as a list."""
        lists = {
            "figures": [one.as_list() for one in self.figures],
            "leads": [one.as_list() for one in self.leads],
        }
        return {**asdict(self), **lists}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Recognition:
        """Read what :meth:`as_json` returned."""
        return cls(
            values["model"],
            values["every"],
            tuple(map(Figure.from_list, values["figures"])),
            tuple(Cost(**one) for one in values["costs"]),
            values["later"],
            tuple(map(Lead.from_list, values["leads"])),
            tuple(values["left_out"]),
            values["made"],
            values["whisper"],
        )

    def find(
        self, measure: str, listener: str, by: str = ALL, group: str = ALL, condition: str = LINE
    ) -> SpeakerShare | None:
        """One share; None where it was not measured."""
        wanted = (measure, condition, listener, by, group)
        for one in self.figures:
            if (one.measure, one.condition, one.listener, one.by, one.group) == wanted:
                return one.share
        return None

    def lead(self, measure: str, listener: str, condition: str = LINE) -> Difference | None:
        """Of our chain over another listener; None where it was not measured."""
        wanted = (measure, condition, listener)
        for one in self.leads:
            if (one.measure, one.condition, one.listener) == wanted:
                return one.by
        return None

    def split(self, measure: str, listener: str, by: str, condition: str = LINE) -> list[Figure]:
        """The groups of one kind."""
        wanted = (measure, condition, listener, by)
        found = [f for f in self.figures if (f.measure, f.condition, f.listener, f.by) == wanted]
        return sorted(found, key=lambda one: (_leading_number(one.group), one.group))


Given = Iterable[tuple[Judged, str, Answer]]
"""The subject, the listener, and the measure of a figure."""


Key = tuple[str, str, str, str, str]
"""Measure, condition, listener, by, group."""


def count(given: Given) -> tuple[tuple[Figure, ...], tuple[Lead, ...]]:
    """All figures, in the order in which they first occur, and how far our chain is ahead."""
    counts = _by_speaker(given)
    figures = tuple(Figure(*key, share(cells)) for key, cells in counts.items())
    return figures, tuple(_leads(counts))


def _by_speaker(given: Given) -> dict[Key, dict[str, Count]]:
    """Counts by speaker for each figure."""
    counts: dict[Key, dict[str, Count]] = defaultdict(dict)
    for judged, listener, answer in given:
        split, speaker = _groups(judged), speaker_of(judged.clip)
        for measure, right, of in _counted(judged, listener, answer):
            briefly = measure.endswith(BRIEFLY)
            for by, group in split.items():
                if briefly and by not in (ALL, "source", "people"):
                    continue
                cells = counts[measure, judged.condition, listener, by, group]
                before = cells.get(speaker, (0, 0))
                cells[speaker] = (before[0] + right, before[1] + of)
    return counts


def _leads(counts: Mapping[Key, Mapping[str, Count]]) -> Iterator[Lead]:
    for (measure, condition, listener, by, group), ours in counts.items():
        if listener != "ours" or by != ALL or measure not in COMPARED:
            continue
        for other in dict.fromkeys(key[2] for key in counts if key[2] != "ours"):
            theirs = counts.get((measure, condition, other, by, group))
            if theirs:
                yield Lead(measure, condition, other, difference(ours, theirs))


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
    people = {"people": RECORDINGS} if judged.clip.group != SYNTHETIC else {}
    return {ALL: ALL, **people, **split}


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
