"""What became of each fault: a JSON line for each, by which a run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.mutants.operators import Fault, faults_of

NOTICED, SURVIVED, TIMEOUT, BROKEN = "noticed", "survived", "timeout", "broken"
"""A hang counts as noticed: every test has an end. A broken run says nothing; it is tried again."""


@dataclass(frozen=True, slots=True)
class Result:
    """One fault's outcome. ``digest`` is that of the file and its tests when it was tried."""

    file: str
    line: int
    start: int
    kind: str
    change: str
    after: str
    digest: str
    outcome: str

    @property
    def key(self) -> tuple[str, int, str, str]:
        """Which fault, in which state of the file and its tests."""
        return self.file, self.start, self.after, self.digest


def result_of(fault: Fault, digest: str, outcome: str) -> Result:
    """The line for a fault."""
    return Result(
        fault.file,
        fault.line,
        fault.start,
        fault.kind,
        fault.change,
        fault.after,
        digest,
        outcome,
    )


def digest_of(root: Path, file: str, tests: Sequence[str]) -> str:
    """Of a file and of the tests that have to notice its faults: a change of either tries anew."""
    content = b"".join((root / name).read_bytes() for name in (file, *tests))
    return hashlib.sha256(content).hexdigest()[:16]


def sample(root: Path, file: str, most: int, seed: int) -> list[Fault]:
    """At most so many faults of a file, the same ones for the same seed."""
    faults = faults_of(file, (root / file).read_text())
    chosen = random.Random(f"{seed} {file}").sample(faults, min(most, len(faults)))
    return sorted(chosen, key=lambda fault: fault.start)


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


def latest(results: Iterable[Result], digests: Mapping[str, str]) -> list[Result]:
    """What holds today: of files and tests as they are, each fault once."""
    kept = {one.key: one for one in results if digests.get(one.file) == one.digest}
    return sorted(kept.values(), key=lambda one: (one.file, one.start, one.after))
