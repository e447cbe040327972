"""`elms-ivr replay`: recorded callers, for accessibility and regression tests."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.bootstrap import check
from bot.commands.settings_file import SettingsFile
from bot.errors import ScriptError
from bot.replay.junit import Case, Suite, write_junit
from bot.replay.pool import ReplayResult, replay_all
from bot.replay.script_reader import find_scripts, read_script
from bot.settings import load_settings

MOST_SHOWN = 20
SQLITE = b"SQLite format 3\0"
"""First bytes of a SQLite file (sqlite.org/fileformat.html, 1.3)."""


def replay(
    paths: Annotated[list[Path], typer.Argument(help="Scripts, or folders of scripts.")],
    out: Annotated[Path, typer.Option(help="Folder for results.jsonl and junit.xml.")] = Path(
        "out/replay"
    ),
    keep: Annotated[bool, typer.Option(help="Write audio, record, and page of each call.")] = False,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 for one per core.")] = 0,
    settings: SettingsFile = None,
    database: Annotated[
        Path | None, typer.Option(help="SQLite database with the callers' accounts.")
    ] = None,
) -> None:
    """Replay recorded callers in audio time, and check the expectations of their scripts."""
    loaded = load_settings(settings)
    scripts = [read_script(path) for path in find_scripts(paths)]
    if database is not None:
        _check_database(database)
    check(loaded)
    console = Console()
    began, started = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
    _make(out)
    results: list[ReplayResult] = []
    processes = min(jobs or os.cpu_count() or 1, len(scripts))
    try:
        with _progress(console) as progress, (out / "results.jsonl").open("w", 1) as lines:
            task = progress.add_task("replaying", total=len(scripts), failed=0)
            calls = replay_all(scripts, loaded, out if keep else None, processes, database)
            for result in calls:
                results.append(result)
                lines.write(_line(result) + "\n")
                failed = sum(not one.passed for one in results)
                progress.update(task, advance=1, failed=failed)
    except KeyboardInterrupt:
        done = f"{len(results)} of {len(scripts)} calls are in {out / 'results.jsonl'}"
        typer.echo(f"elms-ivr: stopped; {done}", err=True)
        raise typer.Exit(130) from None
    seconds = time.monotonic() - began
    _report(console, results, seconds, out)
    _write_junit(out / "junit.xml", _suite(results, started, seconds))
    if any(not one.passed for one in results):
        raise typer.Exit(1)


def _check_database(path: Path) -> None:
    try:
        with path.open("rb") as file:
            begins = file.read(len(SQLITE))
    except OSError as error:
        raise ScriptError(f"{path}: cannot read the callers' database ({error.strerror})") from None
    if begins != SQLITE:
        raise ScriptError(f"{path} is not a SQLite file; name the callers' database")


def _make(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "results.jsonl").touch()
    except OSError as error:
        raise ScriptError(f"{out}: cannot write results ({error.strerror})") from None
    if (out / "junit.xml").is_dir():
        raise ScriptError(f"{out / 'junit.xml'} is a folder; move it, or name another --out")


def _write_junit(path: Path, suite: Suite) -> None:
    try:
        write_junit(path, suite)
    except OSError as error:
        raise ScriptError(f"{path} cannot be written ({error.strerror})") from None


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeRemainingColumn(),
        console=console,
    )


def _line(result: ReplayResult) -> str:
    values = asdict(replace(result, record=None))
    del values["script"], values["record"]
    return json.dumps({"script": str(result.script.path), "name": result.script.name, **values})


def _suite(results: Sequence[ReplayResult], started: str, seconds: float) -> Suite:
    cases = [
        Case(
            name=one.script.name,
            classname=one.script.path.parent.name,
            seconds=one.seconds,
            failures=one.failures,
            error=one.error,
            file=str(one.script.path),
        )
        for one in sorted(results, key=lambda one: one.script.path)
    ]
    return Suite("elms-ivr replay", started, cases, seconds)


def _report(console: Console, results: Sequence[ReplayResult], seconds: float, out: Path) -> None:
    failed = [one for one in results if not one.passed]
    for one in failed[:MOST_SHOWN]:
        for problem in one.failures or (one.error,):
            console.print(f"[red]{one.script.path}[/red]: {problem}", highlight=False)
    if len(failed) > MOST_SHOWN:
        console.print(f"… and {len(failed) - MOST_SHOWN} more in {out / 'junit.xml'}")
    audio_s = sum(one.call_ms for one in results) / 1000
    console.print(
        f"{len(results) - len(failed)} of {len(results)} calls as expected; "
        f"{audio_s:.0f} s of calls in {seconds:.1f} s ({audio_s / seconds:.0f}× real time); "
        f"results in {out}"
    )
