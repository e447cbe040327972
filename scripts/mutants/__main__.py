"""Tries a seeded sample of faults in each target: `python -m scripts.mutants --minutes 5`.

Results are kept in out/mutants.jsonl, so that the next run continues where this one ends.
"""

from __future__ import annotations

import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from scripts.mutants import page, results
from scripts.mutants.operators import Fault
from scripts.mutants.resident import UNFIT
from scripts.mutants.results import BROKEN, NOTICED, SURVIVED, TIMEOUT, State
from scripts.mutants.targets import TARGETS
from scripts.mutants.tracing import Traced
from scripts.mutants.trees import UNCALLED, Tree, tree

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = Path("out") / "mutants.jsonl"
OUTCOMES = {"0": SURVIVED, UNCALLED: SURVIVED, "1": NOTICED, "2": NOTICED, "timeout": TIMEOUT}
"""By pytest's exit status; 2 means that a file can no longer be imported."""

cli = typer.Typer(add_completion=False)


class Run:
    """One run: the faults that are left to try, and its deadline."""

    def __init__(self, kept: Path, per_file: int, seed: int, ends: float, anew: bool) -> None:
        self._kept = kept
        self._per_file = per_file
        self._seed = seed
        self._ends = ends
        self._write = threading.Lock()
        self._done = [] if anew else results.read(kept)

    def over(self) -> bool:
        """Return True if the time is up."""
        return time.monotonic() >= self._ends

    def file(self, place: Tree, file: str) -> None:
        """Try the remaining faults of one file."""
        tests = TARGETS[file]
        state = results.state_of(place.folder, file, tests)
        known = results.counted(self._done, {file: state})
        done = {one.fault for one in known if one.stands(state)}
        faults = results.sample(place.folder, file, self._per_file, self._seed)
        left = [fault for fault in faults if (file, fault.place) not in done]
        if not left or self.over():
            return
        with place.collected(file, tests) as traced:
            if isinstance(traced, str):
                typer.echo(f"{file}: its tests fail without a fault ({traced})", err=True)
                return
            source = (place.folder / file).read_text()
            inside = [each for each in left if traced.function_at(source, each.line)]
            unfit = [each for each in inside if not self._swapped(place, each, state, traced)]
        for fault in [*unfit, *(each for each in left if each not in inside)]:
            if not self.over():
                self._keep(fault, state, place.written(fault, traced))

    def _swapped(self, place: Tree, fault: Fault, state: State, traced: Traced) -> bool:
        """Return True if the fault was tried, or is left for another run."""
        if self.over():
            return True
        answer = place.swapped(fault, traced)
        if answer != str(UNFIT):
            self._keep(fault, state, answer)
        return answer != str(UNFIT)

    def _keep(self, fault: Fault, state: State, answer: str) -> None:
        outcome = OUTCOMES.get(answer, BROKEN)
        with self._write:
            results.add(self._kept, results.result_of(fault, state, outcome))
            typer.echo(f"{outcome:9} {fault.file}:{fault.line} {fault.change}")


@cli.command()
def main(
    minutes: Annotated[
        float, typer.Option(help="Stop after this many minutes; the next run continues.")
    ] = 600.0,
    per_file: Annotated[int, typer.Option(help="Most faults to try in each file.")] = 25,
    seed: Annotated[int, typer.Option(help="Which of them.")] = 1,
    jobs: Annotated[int, typer.Option(help="Files to try in parallel.")] = 2,
    only: Annotated[str, typer.Option(help="Only files with this in their path.")] = "",
    anew: Annotated[
        bool, typer.Option("--anew", help="Also try faults that were noticed before.")
    ] = False,
) -> None:
    """Try faults, and write docs/testing.md from all results so far."""
    run = Run(ROOT / KEPT, per_file, seed, time.monotonic() + 60 * minutes, anew)
    files = iter([file for file in TARGETS if only in file])
    with tempfile.TemporaryDirectory(prefix="elms-mutants-") as folder:

        def work(number: int) -> None:
            with tree(ROOT, Path(folder) / str(number)) as place:
                for file in files:
                    run.file(place, file)

        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(work, range(jobs)))
    states = {file: results.state_of(ROOT, file, tests) for file, tests in TARGETS.items()}
    page.write(ROOT, results.counted(results.read(ROOT / KEPT), states))


if __name__ == "__main__":
    cli()
