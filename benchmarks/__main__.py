"""`make bench`: all benchmarks in one table, as medians with their spread."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

BENCHMARKS = {
    "endpointing": "benchmarks.recognition.endpointing",
    "recognition": "benchmarks.recognition.__main__",
    "models": "benchmarks.load.models",
    "calls": "benchmarks.calls.__main__",
    "tones": "benchmarks.tones.run",
    "synthesis": "benchmarks.load.synthesis",
    "intelligibility": "benchmarks.load.intelligibility",
    "capacity": "benchmarks.load.capacity",
    "backend": "benchmarks.load.backend",
}
"""The module of each benchmark, whose ``rows()`` measures."""


def main(
    only: Annotated[list[str] | None, typer.Argument(help=", ".join(BENCHMARKS))] = None,
) -> None:
    """Run benchmarks and print their results."""
    console = Console()
    table = Table(title="ELMS IVR, measured on this machine", title_justify="left")
    for heading in ("benchmark", "measured", "figure"):
        table.add_column(heading, overflow="fold")
    for name in only or BENCHMARKS:
        console.print(f"[dim]{name}…[/dim]")
        module = importlib.import_module(BENCHMARKS[name])
        for measured, figure in module.rows():
            table.add_row(name, measured, figure)
        table.add_section()
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
