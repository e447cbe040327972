"""Runs recordings with a known meaning through our turn, and keeps the evidence.

Confidence is fitted on these rows: digit strings under several line conditions, single words,
phrases, numbers in sentences, and speech that is not an answer, each with its speaker, so that
folds keep people apart.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from acoustic_model.artifacts import write_whole
from benchmarks.recognition.judged import LINE, Judged, judged, meanings
from benchmarks.recognition.listener_ours import recognition
from benchmarks.recognition.phrases import numbers_in_sentences, phrases
from benchmarks.recognition.recordings import in_parallel, take
from bot.hearing.confidence import UNFITTED, Confidence, Evidence, features
from bot.hearing.result import MorePasses
from bot.types import Interpretation, Match

CONDITIONS = ("clean16k", LINE, "tel_ulaw_babble20", "tel_ulaw_babble10", "tel_ulaw_car10")
"""Those that everything is heard under: a yes in babble has to be believed as it deserves."""

STRINGS, WORDS, FOREIGN = "strings", "words", "foreign"

Weighed = Literal["number", "sentence", "command"]
"""The weights that an answer is given."""
WEIGHED: tuple[Weighed, ...] = ("number", "sentence", "command")


@dataclass(frozen=True, slots=True)
class Row:
    """One answer with a meaning: what speaks for it, and whether it was meant."""

    kind: str
    """STRINGS, WORDS or FOREIGN: what the recording is."""
    number: bool
    """True if the answer is a digit string."""
    speaker: str
    condition: str
    recording: str
    question: str
    right: bool
    values: dict[str, float]
    """Features by name."""
    sentence: bool = False
    """True if the answer is a number with words around it or inside."""

    @property
    def weighed(self) -> Weighed:
        """The weights that a call gives this answer."""
        if not self.number:
            return "command"
        return "sentence" if self.sentence else "number"

    @property
    def heard(self) -> tuple[str, str, str]:
        """The result, its condition, and its question."""
        return self.recording, self.condition, self.question


@dataclass(frozen=True, slots=True)
class HeardTwice:
    """The results for one recording: from the first model alone, and with the other listeners.

    None if a result has no meaning.
    """

    alone: Row | None
    beside: Row | None


@dataclass(frozen=True, slots=True)
class _Noting(Confidence):
    """Keeps the evidence that it is shown, and has all asked always that hears beside."""

    noted: list[Evidence] = field(default_factory=list)
    alone: list[tuple[Interpretation, Evidence]] = field(default_factory=list)
    """Return the first model's result for each question asked, if it has a meaning."""

    def probability(self, evidence: Evidence) -> float:
        self.noted.append(evidence)
        return Confidence.probability(self, evidence)

    def asks(self, best: Interpretation | None) -> MorePasses:
        self.alone.clear()
        if best is not None:
            self.alone.append((best, self.noted[-1]))
        return MorePasses(second=True, spotter=True, rescorer=True)


def rows(every: int, work: Path) -> tuple[list[HeardTwice], dict[str, int]]:
    """Return all results, and the number of recordings of each kind that were used.

    ``work`` is the folder with the acoustic model's corpora: its held-out voices are included.
    """
    jobs = list(_jobs(every, work))
    asked: dict[str, int] = {}
    for job in jobs:
        asked[kind_of(job)] = asked.get(kind_of(job), 0) + 1
    return list(in_parallel(listen, jobs, "listening")), asked


def kind_of(job: Judged) -> str:
    """STRINGS, WORDS or FOREIGN; a command among what was kept as foreign is one of the words."""
    if job.measure == "strings":
        return STRINGS
    foreign = job.measure.startswith("rejection") and not meanings(job)
    return FOREIGN if foreign else WORDS


def listen(job: Judged) -> HeardTwice:
    """One recording, as a call hears it where the first model is in doubt."""
    taken = take(job.clip, job.condition)
    assert taken is not None
    noting = _Noting(UNFITTED.number, UNFITTED.command)
    turn = replace(recognition(job.question.uris), confidence=noting)
    result = asyncio.run(turn.collect(taken.audio)).result
    alone = [_row(job, best, evidence) for best, evidence in noting.alone]
    last = _row(job, result.best, noting.noted[-1]) if isinstance(result, Match) else None
    return HeardTwice(alone[0] if alone else None, last)


def _row(job: Judged, best: Interpretation, evidence: Evidence) -> Row:
    return Row(
        kind=kind_of(job),
        number=evidence.number,
        speaker=job.clip.speaker,
        condition=job.condition,
        recording=job.recording,
        question=job.question.name,
        right=best.value in meanings(job),
        values=features(evidence),
        sentence=evidence.sentence,
    )


_NAMES = tuple(one.name for one in fields(HeardTwice))


def write(path: Path, found: Sequence[HeardTwice], asked: dict[str, int]) -> None:
    """Keep rows, one JSON object a line, behind the counts."""
    lines = [json.dumps(asked), *(json.dumps(asdict(heard)) for heard in found)]
    write_whole(path, ("\n".join(lines) + "\n").encode())


def read(path: Path) -> tuple[list[HeardTwice], dict[str, int]]:
    """Read what :func:`write` kept."""
    asked, *found = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [HeardTwice(*(_read(heard.get(name)) for name in _NAMES)) for heard in found], asked


def _read(row: dict[str, Any] | None) -> Row | None:
    return Row(**row) if row else None


def _jobs(every: int, work: Path) -> Iterator[Judged]:
    kept = work / "judged" / "phrases"
    yield from [*phrases(kept), *numbers_in_sentences(kept)][::every]
    for job in judged(every, work, work / "judged"):
        if job.measure != "strings":
            yield from (replace(job, condition=condition) for condition in CONDITIONS)
        elif job.condition in CONDITIONS:
            yield job
