"""elms-ivr recognize: one line per recording, through the same turn as in a call."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from bot.adapters.detector_silero import SileroDetector
from bot.adapters.model_folder import load_ensemble, read_confidence
from bot.adapters.rescorer_engines import load_rescorer
from bot.commands.grammar_argument import least_sure, uri_of
from bot.commands.settings_file import SettingsFile
from bot.dialog.state import properties_of
from bot.errors import IvrError
from bot.evaluation.file_recognition import FileRecognition, Recognized
from bot.grammar import Grammars
from bot.hearing.vocabulary import Vocabulary
from bot.lifeline import end_with_pool
from bot.reports.labels import MODES
from bot.settings import Settings, load_settings

FILES_PER_PROCESS = 8
"""Below this number of files, a second process would not have loaded its model in time."""

Answer = Recognized | str
"""The result of a file, or one line that says why there is none."""


def recognize(
    audio: Annotated[list[Path], typer.Argument(help="WAV or FLAC files, 8 to 48 kHz.")],
    grammar: Annotated[
        list[str],
        typer.Option(help="Active grammar: 'digits?length=6', menu, …; may be repeated."),
    ],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print one JSON object per line.")] = False,
    confidence_level: Annotated[
        float | None,
        typer.Option(
            min=0.0, max=1.0, help="Report nomatch below this (default: as in a call; see `costs`)."
        ),
    ] = None,
    settings_file: SettingsFile = None,
) -> None:
    """Recognize recordings: match, nomatch, or noinput, one line per file."""
    settings = load_settings(settings_file)
    uris = tuple(uri_of(name, settings) for name in grammar)
    task = Task(settings, uris, confidence_level)
    failed = False
    for answer in _progress(_answers(task, audio), len(audio)):
        if isinstance(answer, str):
            failed = True
            typer.echo(f"elms-ivr: {answer}", err=True)
        else:
            for warning in answer.warnings:
                typer.echo(f"elms-ivr: {answer.file}: {warning}", err=True)
            typer.echo(_line(answer, jsonl))
    if failed:
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True)
class Task:
    """Everything that a worker process needs."""

    settings: Settings
    uris: tuple[str, ...]
    confidence_level: float | None

    def engines(self) -> FileRecognition:
        """Load everything. Raises GrammarError and ModelError."""
        ensemble = load_ensemble(self.settings.model, load_rescorer(self.settings.rescoring))
        vocabulary = Vocabulary(Grammars.read(self.settings.grammars), ensemble.first)
        active = vocabulary.active(self.uris)
        detector = SileroDetector()
        rescored = ensemble.rescorer is not None
        sureness = read_confidence(self.settings.model).beside(rescorer=rescored)
        return FileRecognition(
            ensemble,
            detector,
            active,
            properties_of(self.settings),
            sureness,
            keys=True,
            least_sure=lambda name: least_sure(name, self.settings, self.confidence_level),
        )


def _answers(task: Task, files: Sequence[Path]) -> Iterator[Answer]:
    """Results in the order of the files; many files use all cores."""
    processes = min(os.cpu_count() or 1, len(files) // FILES_PER_PROCESS)
    recognition = task.engines()
    if processes < 2:
        yield from (_one(recognition, file) for file in files)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _begin, (task,)) as pool:
        yield from pool.map(_one_here, files, chunksize=4)


def _one(recognition: FileRecognition, file: Path) -> Answer:
    try:
        return asyncio.run(recognition.recognize(file))
    except IvrError as fault:
        return str(fault)


_here: list[FileRecognition] = []
"""The engines loaded in this worker process."""


def _begin(task: Task) -> None:
    end_with_pool()
    _here.append(task.engines())


def _one_here(file: Path) -> Answer:
    return _one(_here[0], file)


def _progress(answers: Iterator[Answer], total: int) -> Iterator[Answer]:
    console = Console(stderr=True)
    shown = total > 1 and console.is_terminal and not sys.stdout.isatty()
    return iter(track(answers, "recognizing", total, console=console, disable=not shown))


def _line(found: Recognized, jsonl: bool) -> str:
    if jsonl:
        return json.dumps(found.as_dict(), ensure_ascii=False)
    if found.result != "match":
        return f"{found.file}: {found.result}"
    said = f"  “{found.utterance}”" if found.mode == "voice" else f"  {MODES[found.mode or 'dtmf']}"
    spoken = f", {found.speech_ms} ms of speech" if found.speech_ms is not None else ""
    return (
        f"{found.file}: {found.value}{said}  confidence {found.confidence:.2f}{spoken}, "
        f"reply after {found.reply_after_ms} ms"
    )
