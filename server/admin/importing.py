"""``elms-server import``: a progress bar, and what became of each file."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from server.context import Context
from server.imports.applying import import_file
from server.imports.planning import Expected, Plan
from server.imports.reading import files_of, rows_in
from server.imports.template import write_templates


def import_all(context: Context, source: Path, dry_run: bool) -> None:
    """Import a file or the files of a folder, and say what changed. Raises ServerError."""
    expected = Expected() if dry_run else None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    for kind, file in files_of(source):
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(file.name, total=rows_in(file))
            made = import_file(
                context,
                kind,
                file,
                expected=expected,
                progress=lambda rows, bar=bar, task=task: bar.advance(task, rows),  # type: ignore[misc]
            )
        _report(file, made, dry_run)
    if dry_run:
        typer.echo("A dry run: nothing was written.")


def _report(file: Path, made: Plan, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    typer.echo(
        f"{file.name}: {_rows(made.rows)}; {len(made.inserts):,} {would}new, "
        f"{len(made.updates):,} {would}changed, {made.unchanged:,} unchanged"
    )
    for line in made.shown:
        typer.echo(f"    {line}")
    more = len(made.updates) - len(made.shown)
    if more > 0:
        typer.echo(f"    and {_rows(more, 'more ')}")


def _rows(count: int, which: str = "") -> str:
    return f"{count:,} {which}{'row' if count == 1 else 'rows'}"


def templates(folder: Path) -> None:
    """Write empty files with their columns."""
    for file in write_templates(folder):
        typer.echo(str(file))
