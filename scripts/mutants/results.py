"""What became of each fault: a JSON line for each, by which a run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.mutants.operators import Fault, code_of, faults_of

NOTICED, SURVIVED, TIMEOUT, BROKEN = "noticed", "survived", "timeout", "broken"
"""A hang counts as noticed: every test has an end. A broken run says nothing; it is tried again."""


@dataclass(frozen=True, slots=True)
class State:
    """A file and the tests that have to notice its faults, as digests of their code."""

    file: str
    tests: str


@dataclass(frozen=True, slots=True)
class Result:
    """One fault's outcome. ``digest`` and ``tests`` are those of the state it was tried in."""

    file: str
    line: int
    place: int
    kind: str
    change: str
    after: str
    digest: str
    tests: str
    outcome: str

    @property
    def fault(self) -> tuple[str, int]:
        """Which fault."""
        return self.file, self.place

    def counts(self, state: State) -> bool:
        """Return True if it is for the current file; a survivor counts until it is tried again."""
        return self.outcome != BROKEN and self.digest == state.file

    def stands(self, state: State) -> bool:
        """Return True if it need not be tried again.

        A fault that tests caught, they catch with more tests, too.
        """
        return self.counts(state) and (self.outcome != SURVIVED or self.tests == state.tests)


def result_of(fault: Fault, state: State, outcome: str) -> Result:
    """The line for a fault."""
    return Result(
        fault.file,
        fault.line,
        fault.place,
        fault.kind,
        fault.change,
        fault.after,
        state.file,
        state.tests,
        outcome,
    )


def state_of(root: Path, file: str, tests: Sequence[str]) -> State:
    """As they are now."""
    return State(_digest(root, [file]), _digest(root, tests))


def _digest(root: Path, files: Sequence[str]) -> str:
    content = "".join(code_of((root / name).read_text()) for name in files)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def sample(root: Path, file: str, most: int, seed: int) -> list[Fault]:
    """At most so many faults of a file: the same ones for the same seed, and for more, more."""
    faults = faults_of(file, (root / file).read_text())
    random.Random(f"{seed} {file}").shuffle(faults)
    return sorted(faults[:most], key=lambda fault: fault.place)


def read(path: Path) -> list[Result]:
    """All lines; a line that was cut off by a kill is left out."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text().splitlines():
        try:
            found.append(Result(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return found


def add(path: Path, result: Result) -> None:
    """Append one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def counted(results: Iterable[Result], states: Mapping[str, State]) -> list[Result]:
    """What each fault came to last, of files as they are now."""
    kept = {
        one.fault: one for one in results if one.file in states and one.counts(states[one.file])
    }
    return sorted(kept.values(), key=lambda one: one.fault)
