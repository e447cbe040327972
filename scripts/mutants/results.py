"""The outcome of each fault, as a JSON line; the next run continues from these."""

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
    """Digests of the code of a file, and of the tests that have to notice its faults."""

    file: str
    tests: str


@dataclass(frozen=True, slots=True)
class Result:
    """One fault's outcome. ``digest`` and ``tests`` are from the state in which it was tried."""

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
        """The key of the fault."""
        return self.file, self.place

    def counts(self, state: State) -> bool:
        """Return True if it is for the current file; a survivor counts until it is tried again."""
        return self.outcome != BROKEN and self.digest == state.file

    def stands(self, state: State) -> bool:
        """Return True if the fault need not be tried again. One that tests noticed stays noticed
        when tests are added."""
        return self.counts(state) and (self.outcome != SURVIVED or self.tests == state.tests)


def result_of(fault: Fault, state: State, outcome: str) -> Result:
    """Return the result of a fault."""
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
    """Return the current state."""
    return State(_digest(root, [file]), _digest(root, tests))


def _digest(root: Path, files: Sequence[str]) -> str:
    content = "".join(code_of((root / name).read_text()) for name in files)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def sample(root: Path, file: str, most: int, seed: int) -> list[Fault]:
    """Return up to this many of a file's faults: with the same seed always the same, and a larger
    sample includes a smaller one."""
    faults = faults_of(file, (root / file).read_text())
    random.Random(f"{seed} {file}").shuffle(faults)
    return sorted(faults[:most], key=lambda fault: fault.place)


def read(path: Path) -> list[Result]:
    """Read all lines, except one that was cut off when a run was killed."""
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
    """Return the last outcome of each fault, for files as they are now."""
    kept = {
        one.fault: one for one in results if one.file in states and one.counts(states[one.file])
    }
    return sorted(kept.values(), key=lambda one: one.fault)
