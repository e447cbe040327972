"""Two acoustic models on the same labeled recordings: who understands which, and what it costs.

Each recording is asked what its words answer: a string of so many digits, yes or no, the menu.
Words that no grammar can say are asked at every question, and are right where none takes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.evaluation.labeled_recordings import Labeled
from bot.evaluation.statistics import Paired
from bot.grammar import Grammars

UNIVERSALS = "universals.grxml"
LONGEST = 16
"""Digits of the longest string that is looked for."""

ALL = "all"
LEAST = 3
SMALL = f"fewer than {LEAST} recordings"
"""Smaller groups are one."""

Rights = list[tuple[bool, bool]]
DIGITS, OUTSIDE = "digit strings", "no answer"
COMMANDS = {
    "yes or no": "yesno.grxml",
    "menu": "menu.grxml",
    "commands everywhere": UNIVERSALS,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a recording is asked: at each of these grammar sets, whether ``wanted`` is heard.

    ``wanted`` is None where nothing may be taken.
    """

    kind: str
    sets: tuple[tuple[str, ...], ...]
    wanted: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one model made of a recording; ``value`` is None where nothing was taken."""

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
        """Who was right."""
        first, second = (answer.value == self.asked.wanted for answer in self.answers)
        return first, second

    @property
    def flipped(self) -> bool:
        """Whether exactly one was right."""
        return self.right[0] is not self.right[1]


@dataclass(frozen=True, slots=True)
class Group:
    """Recordings with something in common."""

    by: str
    name: str
    paired: Paired


def ask(grammars: Grammars, words: tuple[str, ...], license_limits: str) -> Asked:
    """What recordings of these words are asked."""
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
    """All recordings, then every kind of group that has more than one member."""
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
    """Members too small to tell anything, together as one."""
    large = {name: right for name, right in members.items() if len(right) >= LEAST}
    small = [right for name, right in members.items() if name not in large]
    return {**large, SMALL: [one for right in small for one in right]} if small else large


def cpu_per_audio(compared: Sequence[Compared]) -> tuple[float, float]:
    """CPU seconds of each model for a second of audio, once for each question asked of it."""
    audio_s = sum(one.seconds * len(one.asked.sets) for one in compared)
    first, second = (sum(one.answers[which].cpu_s for one in compared) for which in (0, 1))
    return first / max(audio_s, 1e-9), second / max(audio_s, 1e-9)
