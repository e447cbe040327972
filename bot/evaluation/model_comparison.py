"""Compares two acoustic models on the same labeled recordings: accuracy, and cost.

Each recording answers the question that fits its words: a string of that many digits, yes or no, or
the menu. Words outside all grammars are tried at every question, and a model is right if none
accepts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.evaluation.labeled_recordings import Labeled
from bot.evaluation.statistics import Paired
from bot.grammar import Grammars

UNIVERSALS = "universals.grxml"
LONGEST = 16
"""Number of digits of the longest string that is recognized."""

ALL = "all"
LEAST = 3
SMALL = f"fewer than {LEAST} recordings"
"""Name of the group that joins smaller ones."""

Rights = list[tuple[bool, bool]]
DIGITS, OUTSIDE = "digit strings", "no answer"
COMMANDS = {
    "yes or no": "yesno.grxml",
    "menu": "menu.grxml",
    "commands everywhere": UNIVERSALS,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The question for a recording: whether ``wanted`` is recognized with any of the grammar sets.

    ``wanted`` is None if nothing may be accepted.
    """

    kind: str
    sets: tuple[tuple[str, ...], ...]
    wanted: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One model's result for a recording; ``value`` is None if nothing was accepted."""

    value: str | None
    confidence: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Compared:
    """One recording and both answers."""

    labeled: Labeled
    asked: Asked
    seconds: float
    answers: tuple[Answer, Answer]

    @property
    def right(self) -> tuple[bool, bool]:
        """True if the first and the second model were right."""
        first, second = (answer.value == self.asked.wanted for answer in self.answers)
        return first, second

    @property
    def flipped(self) -> bool:
        """True if exactly one was right."""
        return self.right[0] is not self.right[1]


@dataclass(frozen=True, slots=True)
class Group:
    """Recordings with a common property."""

    by: str
    name: str
    paired: Paired


def ask(grammars: Grammars, words: tuple[str, ...], license_limits: str) -> Asked:
    """The question for recordings of these words."""
    for length in range(1, LONGEST + 1) if words else ():
        uri = f"digits.grxml?length={length}"
        if value := _value(grammars, uri, words):
            return Asked(DIGITS, ((uri, UNIVERSALS),), value)
    for kind, uri in COMMANDS.items():
        if value := _value(grammars, uri, words):
            own = "menu.grxml" if uri == UNIVERSALS else uri
            return Asked(kind, ((own, UNIVERSALS),), value)
    own_sets = (f"license_number.grxml?{license_limits}", "yesno.grxml", "menu.grxml")
    return Asked(OUTSIDE, tuple((own, UNIVERSALS) for own in own_sets), None)


def _value(grammars: Grammars, uri: str, words: tuple[str, ...]) -> str | None:
    heard = grammars.get(uri).voice.match(words)
    return heard.values[0] if heard.answer.complete and heard.values else None


def groups(compared: Sequence[Compared]) -> Iterator[Group]:
    """All recordings, followed by every kind of group that has more than one member."""
    yield Group(ALL, ALL, Paired.of(one.right for one in compared))
    split: dict[str, dict[str, Rights]] = {}
    for one in compared:
        for by, name in (("asked", one.asked.kind), *one.labeled.groups):
            split.setdefault(by, {}).setdefault(name, []).append(one.right)
    for by, all_members in split.items():
        members = _pooled(all_members)
        if len(members) > 1:
            for name in sorted(members):
                yield Group(by, name, Paired.of(members[name]))


def _pooled(members: dict[str, Rights]) -> dict[str, Rights]:
    """Merge members that are too small to be meaningful."""
    large = {name: right for name, right in members.items() if len(right) >= LEAST}
    small = [right for name, right in members.items() if name not in large]
    return {**large, SMALL: [one for right in small for one in right]} if small else large


def cpu_per_audio(compared: Sequence[Compared]) -> tuple[float, float]:
    """CPU seconds per second of audio for each model; audio counts once per question."""
    audio_s = sum(one.seconds * len(one.asked.sets) for one in compared)
    first, second = (sum(one.answers[which].cpu_s for one in compared) for which in (0, 1))
    return first / max(audio_s, 1e-9), second / max(audio_s, 1e-9)
