"""Whole calls: simulated callers with various behaviors and lines, through the real service.

The calls are built from recordings of ../shared/audio in a scratch folder and replayed in audio
time by the replay command's own pool, against a backend in which the callers have accounts. Results
of calls are kept, so that a stopped run resumes; results go to docs/recognition.json.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from benchmarks import json_lines, results
from benchmarks.calls.callers import Account, Cast, cast
from benchmarks.calls.educators import make_database
from benchmarks.calls.figures import COMPLETED, FALSE, GOAL, REFUSED, WASTED, Calls, Made, Planned
from benchmarks.calls.figures import count as count_calls
from benchmarks.calls.figures import means as call_means
from benchmarks.calls.habits import HABITS
from benchmarks.calls.scripts import BEHAVIORS, LINES, Behavior, Line, Scene, Speech, write_script
from benchmarks.recognition.answers import KEPT, hash_of, model_version
from benchmarks.recognition.recordings import SHARED
from bot.replay.pool import replay_all
from bot.replay.script_reader import read_script
from bot.resources import PROJECT
from bot.settings import load_settings
from bot.temporary_folders import scratch_folder

SEED = 2022
DATABASE = "elms.sqlite3"
EVERYBODY = (*BEHAVIORS, *HABITS)
CALLS_IN_TABLE = 2 * len(EVERYBODY)
"""Each behavior once without noise and once in babble."""

DECIDES = ("bot", "server", "grammars", "prompts")
OWN = (
    "calls/scripts",
    "calls/habits",
    "calls/callers",
    "calls/__main__",
    "calls/educators",
    "recognition/recordings",
)


def rows() -> list[tuple[str, str]]:
    """The table's rows."""
    if not SHARED.is_dir():
        return [("all", "not measured: ../shared/audio does not exist")]
    return list(table(measure(CALLS_IN_TABLE)))


def measure(calls: int, folder: Path = KEPT) -> Calls:
    """Make the calls that are still missing, and compute the results."""
    everybody = cast()
    planned = list(plan(calls, everybody))
    kept = folder / "calls" / f"{_version()[:16]}.jsonl"
    made = {one.name: one for one in _read(kept)}
    lacking = [one for one in planned if one[0].name not in made]
    if lacking:
        with scratch_folder("calls") as scratch:
            for one in _replayed(lacking, everybody, scratch):
                made[one.name] = one
                json_lines.append(kept, [asdict(one)])
    pairs = [(one, made[one.name]) for one, _ in planned if one.name in made]
    unmade = len(planned) - len(pairs)
    return Calls(model_version(), calls, unmade, count_calls(pairs), call_means(pairs))


Plan = tuple[Planned, tuple[Account, Behavior, Line]]


def plan(calls: int, everybody: Cast) -> Iterator[Plan]:
    """Every behavior on every line in turn, with all speakers equally often; deterministic."""
    speakers = sorted({account.speaker for account in everybody.accounts})
    rng = Random(SEED)
    rng.shuffle(speakers)
    for index in range(calls):
        behavior = EVERYBODY[index % len(EVERYBODY)]
        line = LINES[index // len(EVERYBODY) % len(LINES)]
        speaker = speakers[index % len(speakers)]
        own = [one for one in everybody.accounts if one.speaker == speaker]
        account = rng.choice(own)
        planned = Planned(
            name=f"call-{index:05}",
            behavior=behavior.name,
            line=line.name,
            speaker=account.speaker,
            source=account.source,
            voice=account.voice,
            license_number=account.license_number,
            refused=behavior.refused,
            knows_pin=behavior.knows_pin,
            goal=behavior.goal,
        )
        yield planned, (account, behavior, line)


def _replayed(plans: list[Plan], everybody: Cast, scratch: Path) -> Iterator[Made]:
    console = Console(stderr=True)
    database = _written(plans, everybody, scratch)
    scripts = [read_script(scratch / f"{planned.name}.yaml") for planned, _ in plans]
    settings = load_settings().model_copy(update={"out": scratch / "out"})
    done = replay_all(scripts, settings, None, os.cpu_count() or 1, database)
    for result in track(done, "calling", len(scripts), console=console, transient=True):
        if result.record is not None:
            yield Made.of(result.script.path.stem, result.record)
        else:
            console.print(f"{result.script.name}: {result.error}", markup=False)


def _written(plans: list[Plan], everybody: Cast, folder: Path) -> Path:
    """Write the scripts, their audio, and the database with the callers' accounts."""
    console = Console(stderr=True)
    for planned, what in track(plans, "writing calls", console=console, transient=True):
        _write(folder, planned, what, everybody)
    (folder / DATABASE).unlink(missing_ok=True)
    make_database(folder / DATABASE, everybody.accounts)
    return folder / DATABASE


def _write(
    scratch: Path, planned: Planned, what: tuple[Account, Behavior, Line], everybody: Cast
) -> None:
    account, behavior, line = what
    rng = Random(f"{SEED} {planned.name}")
    scene = Scene(account, everybody, Speech(scratch, line), rng)
    write_script(scratch / f"{planned.name}.yaml", behavior, scene, line)


def _version() -> str:
    """Hash of everything that determines the result of a call."""
    files = [PROJECT / "benchmarks" / f"{name}.py" for name in OWN]
    for folder in DECIDES:
        files += sorted(
            path
            for path in (PROJECT / folder).rglob("*")
            if path.is_file() and path.suffix in (".py", ".yaml", ".grxml", ".json")
        )
    settings = load_settings().model_dump_json(exclude={"out", "backend"})
    return hash_of(files, model_version(), settings)


def _read(path: Path) -> Iterator[Made]:
    return (Made(**row) for row in json_lines.read(path))


def table(found: Calls) -> Iterator[tuple[str, str]]:
    """Yield rows of metric and value."""
    for measure_ in (GOAL, COMPLETED, FALSE, WASTED, REFUSED):
        for by in ("all", "line", "behavior"):
            for group in found.groups(by) if by != "all" else ["all"]:
                share = found.share(measure_, by, group)
                if share is not None and (by == "all" or measure_ in (GOAL, COMPLETED)):
                    yield f"{measure_}{'' if by == 'all' else f', {group}'}", str(share)
    for name in ("turns", "seconds"):
        mean = found.mean(name)
        if mean is not None:
            yield (
                f"{name} of a completed call",
                f"mean {mean.mean:.1f}, p50 {mean.p50:.1f}, p95 {mean.p95:.1f}",
            )


def main(
    calls: Annotated[int, typer.Option(min=1, help="Number of calls.")] = 1_000,
    out: Annotated[Path, typer.Option(help="File for the results.")] = results.RESULTS,
    folder: Annotated[
        Path | None, typer.Option(help="Only write the calls to this folder, for elms-ivr replay.")
    ] = None,
) -> None:
    """Replay calls, store the results, and print them."""
    if not SHARED.is_dir():
        typer.echo(
            f"benchmarks: {SHARED} does not exist; the callers need its recordings", err=True
        )
        raise typer.Exit(1)
    if folder is not None:
        everybody = cast()
        _written(list(plan(calls, everybody)), everybody, folder)
        command = os.path.relpath(Path(sys.executable).with_name("elms-ivr"))
        print(shlex.join([command, "replay", f"{folder}", "--database", f"{folder / DATABASE}"]))
        return
    found = measure(calls)
    results.store("calls", found.as_json(), out)
    for measured, figure in table(found):
        print(f"{measured:64} {figure}")


if __name__ == "__main__":
    typer.run(main)
