"""Makes docs/recognition.md and its plots from docs/recognition.json alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks import plots, results
from benchmarks.calls import text as calls_text
from benchmarks.calls.figures import Calls
from benchmarks.confidence import figures as confidence
from benchmarks.recognition import text as recognition_text
from benchmarks.recognition.figures import Recognition
from bot.resources import PROJECT

PAGE = PROJECT / "docs" / "recognition.md"
OPENING = """\
# What is understood, measured

Made by `make bench-page` from `docs/recognition.json`, which `make bench-recognition`,
`make bench-calls`, and `python -m benchmarks.confidence --out docs/recognition.json` write; do not
edit it by hand. The recordings are those of `../shared/audio` (its README has their sources), the
line conditions those of its `degrade.py`; the synthetic voices are those that
`python -m acoustic_model prepare` keeps from training."""


def make(results_file: Path = results.RESULTS, page: Path = PAGE) -> None:
    """Write the page and its plots."""
    values = results.read(results_file)
    parts = [OPENING]
    drawn: dict[str, plots.Plot] = {}
    if "recognition" in values:
        found = Recognition.from_json(values["recognition"])
        parts.append(recognition_text.text(found))
        drawn |= recognition_text.plots(found)
    if "confidence" in values:
        parts.append(confidence.text(confidence.Believed.from_json(values["confidence"])))
    if "calls" in values:
        calls = Calls.from_json(values["calls"])
        parts.append(calls_text.text(calls))
        drawn |= calls_text.plots(calls)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    plots.write(page.parent / "images", drawn)


def main(
    figures: Annotated[
        Path, typer.Option(help="File with the measured figures.")
    ] = results.RESULTS,
    page: Annotated[Path, typer.Option(help="Page to write.")] = PAGE,
) -> None:
    """Make the page from the figures."""
    if not figures.is_file():
        typer.echo(f"benchmarks: {figures} does not exist; run make bench-recognition", err=True)
        raise typer.Exit(1)
    make(figures, page)


if __name__ == "__main__":
    typer.run(main)
