"""elms-ivr model compare: two acoustic models on the same labeled recordings."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.adapters.detector_silero import SileroDetector
from bot.adapters.model_folder import load_ensemble, read_confidence
from bot.adapters.rescorer_engines import load_rescorer
from bot.atomic_file import write_whole
from bot.audio.files import read_audio
from bot.commands.grammar_argument import least_sure
from bot.commands.settings_file import SettingsFile
from bot.dialog.state import properties_of
from bot.errors import SettingsError
from bot.evaluation import model_comparison_page
from bot.evaluation.file_recognition import FileRecognition
from bot.evaluation.labeled_recordings import Labeled, read_labeled
from bot.evaluation.model_comparison import Answer, Asked, Compared, ask, cpu_per_audio, groups
from bot.evaluation.model_comparison_page import p_text, share_text
from bot.grammar import Grammars
from bot.hearing.vocabulary import Vocabulary
from bot.lifeline import end_with_pool
from bot.settings import Settings, load_settings
from bot.types import Match

FEW = 16
"""Below this number of recordings, a second process would not have loaded its models in time."""


def compare(
    first: Annotated[Path, typer.Argument(help="Vosk model directory.")],
    second: Annotated[Path, typer.Argument(help="Vosk model directory to compare with.")],
    folder: Annotated[Path, typer.Argument(help="Recordings with a manifest.csv.")],
    page: Annotated[Path, typer.Option(help="HTML page to write.")] = Path(
        "out/model-comparison.html"
    ),
    jsonl: Annotated[
        Path | None, typer.Option(help="Also write both answers to each recording to this file.")
    ] = None,
    confidence_level: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0, help="Reject answers below this (default: as in a call; see `costs`)."
        ),
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Compare two models: shares with 95 % intervals, a paired test, and a page with plots."""
    settings = load_settings(settings_file)
    task = Task((first, second), settings, confidence_level)
    for place in (page, *([jsonl] if jsonl else [])):
        _check_writable(place)
    recordings = read_labeled(folder)
    grammars = Grammars.read(settings.grammars)
    limits = settings.license_number.limits
    jobs = [(one, ask(grammars, one.words, limits)) for one in recordings]
    answers = track(_heard(task, jobs), "comparing", len(jobs), console=Console(stderr=True))
    compared = [
        Compared(one, asked, seconds, both)
        for (one, asked), (seconds, both) in zip(jobs, answers, strict=True)
    ]
    names = _names(first, second)
    _print(names, compared)
    _write(page, model_comparison_page.render(names, str(folder), compared))
    if jsonl is not None:
        _write(jsonl, "".join(map(_line, compared)))
    typer.echo(f"page: {page}")


# -- listening --------------------------------------------------------------------------------

Job = tuple[Labeled, Asked]
Both = tuple[float, tuple[Answer, Answer]]
"""Seconds of audio, and both answers."""


@dataclass(frozen=True, slots=True)
class Task:
    """Everything that a worker process needs."""

    models: tuple[Path, Path]
    settings: Settings
    level: float | None
    """Minimum confidence of an answer; None for the same as in a call."""


class Ears:
    """One loaded model, for any question."""

    def __init__(self, model: Path, settings: Settings, level: float | None) -> None:
        self._ensemble = load_ensemble(model, load_rescorer(settings.rescoring))
        self._vocabulary = Vocabulary(Grammars.read(settings.grammars), self._ensemble.first)
        self._properties = properties_of(settings)
        rescored = self._ensemble.rescorer is not None
        self._confidence = read_confidence(model).beside(rescorer=rescored)
        self._detector = SileroDetector()
        self._settings, self._level = settings, level

    def answer(self, path: Path, asked: Asked) -> Answer:
        """The value accepted at the first question that accepts one, in order."""
        audio = read_audio(path)
        began_s, taken = time.process_time(), Answer(None, 0.0, 0.0)
        for uris in asked.sets:
            result = asyncio.run(self._at(uris).collect(audio)).result
            if taken.value is None and isinstance(result, Match):
                best = result.best
                if best.confidence >= least_sure(best.grammar, self._settings, self._level):
                    taken = Answer(best.value, round(best.confidence, 4), 0.0)
        return Answer(taken.value, taken.confidence, round(time.process_time() - began_s, 5))

    def _at(self, uris: tuple[str, ...]) -> FileRecognition:
        return FileRecognition(
            self._ensemble,
            self._detector,
            self._vocabulary.active(uris),
            self._properties,
            confidence=self._confidence,
        )


def _heard(task: Task, jobs: Sequence[Job]) -> Iterator[Both]:
    _begin(task)
    processes = min(os.cpu_count() or 1, len(jobs) // FEW)
    if processes < 2:
        yield from map(_one, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _begin_here, (task,)) as pool:
        yield from pool.map(_one, jobs, chunksize=4)


_here: list[Ears] = []
"""Both models of this process."""


def _begin_here(task: Task) -> None:
    end_with_pool()
    _begin(task)


def _begin(task: Task) -> None:
    _here[:] = [Ears(model, task.settings, task.level) for model in task.models]


def _one(job: Job) -> Both:
    labeled, asked = job
    first, second = (ears.answer(labeled.path, asked) for ears in _here)
    return read_audio(labeled.path).duration_ms / 1000, (first, second)


# -- reporting --------------------------------------------------------------------------------


def _names(first: Path, second: Path) -> tuple[str, str]:
    """The folders' names, or their paths if the names are the same."""
    names = first.resolve().name, second.resolve().name
    return names if names[0] != names[1] else (str(first), str(second))


def _check_writable(path: Path) -> None:
    """Check before an hour of work that the file can be written; leaves nothing behind."""
    existed = path.exists()
    if path.is_dir():
        raise SettingsError(f"{path} is a folder; name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        if not existed:
            path.unlink()
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from None


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from None


def _print(names: tuple[str, str], compared: Sequence[Compared]) -> None:
    console = Console()
    shown = Table(
        title=f"{len(compared)} recordings, right % (95 % interval)", title_justify="left"
    )
    for heading in ("group", "of", *names, "n10", "n01", "exact McNemar"):
        shown.add_column(heading, overflow="fold")
    by = None
    for group in groups(compared):
        if by not in (None, group.by):
            shown.add_section()
        by, paired = group.by, group.paired
        shares = (share_text(paired.first), share_text(paired.second))
        alone = (str(paired.only_first), str(paired.only_second))
        shown.add_row(group.name, str(paired.total), *shares, *alone, p_text(paired.p))
    console.print(shown)
    for name, spent in zip(names, cpu_per_audio(compared), strict=True):
        console.print(f"{name}: {spent:.4f} CPU seconds per second of audio", highlight=False)
    console.print(f"n10: only {names[0]} is right; n01: only {names[1]} is.", highlight=False)


def _line(one: Compared) -> str:
    first, second = (
        {**asdict(answer), "right": right}
        for answer, right in zip(one.answers, one.right, strict=True)
    )
    values = {
        "file": one.labeled.name,
        "words": " ".join(one.labeled.words),
        **dict(one.labeled.groups),
        "asked": one.asked.kind,
        "wanted": one.asked.wanted,
        "first": first,
        "second": second,
    }
    return json.dumps(values, ensure_ascii=False) + "\n"
