"""Answers that listeners gave, kept so that a run that was stopped goes on where it was.

A file for each listener, version and condition, a JSON line for each answer. A version is the hash
of all that the answers depend on: model, grammars, settings, code. Nothing is asked twice.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks import json_lines
from benchmarks.recognition.heard import Heard
from benchmarks.recognition.recordings import SHARED
from bot.adapters.model_folder import CONFIDENCE
from bot.resources import PROJECT
from bot.settings import load_settings

KEPT = PROJECT / ".cache" / "benchmarks"
RENDERING = ("benchmarks/recognition/recordings.py",)
TURN = (
    "bot/evaluation/file_recognition.py",
    "bot/adapters/model_folder.py",
    "bot/adapters/detector_silero.py",
    "bot/elms/callflow.py",
)
"""The modules that our listener starts from; their imports are read, too."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One listener's answer to one recording under one question."""

    recording: str
    question: str
    heard: Heard
    cpu_s: float
    audio_s: float


class Kept:
    """The answers of one listener under one condition."""

    def __init__(self, folder: Path, listener: str, of_version: str, condition: str) -> None:
        self._path = folder / f"{listener}-{of_version[:16]}" / f"{condition}.jsonl"
        self._answers = {(one.recording, one.question): one for one in _read(self._path)}

    def get(self, recording: str, question: str) -> Answer | None:
        """An answer that was given before."""
        return self._answers.get((recording, question))

    def add(self, answers: Iterable[Answer]) -> None:
        """Keep answers; a line that a kill cut off is asked again."""
        for answer in answers:
            self._answers[answer.recording, answer.question] = answer
            json_lines.append(self._path, [asdict(answer)])


def _read(path: Path) -> Iterator[Answer]:
    for values in json_lines.read(path):
        heard = Heard(**values.pop("heard"))
        yield Answer(heard=heard, **values)


# -- versions ---------------------------------------------------------------------------------


def versions() -> dict[str, str]:
    """The version of each listener's answers."""
    model = hash_of(sorted(_files(load_settings().model)))
    rendering, own = _rendering(), PROJECT / "benchmarks" / "recognition"
    sphinx = [*rendering, own / "listener_pocketsphinx.py"]
    return {
        "ours": hash_of(_turn(), model, _settings()),
        "vosk": hash_of([*rendering, own / "listener_vosk.py"], model, version("vosk")),
        "pocketsphinx": hash_of(sphinx, version("pocketsphinx")),
    }


def _rendering() -> list[Path]:
    return [PROJECT / name for name in RENDERING] + [SHARED / "degrade.py"]


def _turn() -> list[Path]:
    own = PROJECT / "benchmarks"
    turn = [*imported(PROJECT / name for name in TURN), own / "recognition" / "listener_ours.py"]
    grammars = [*_files(load_settings().grammars), *_files(own / "grammars")]
    return [*_rendering(), *turn, *sorted(grammars)]


def model_version() -> str:
    """The hash of the model's files."""
    return hash_of(sorted(_files(load_settings().model)))


def hearing_version() -> str:
    """Return a digest of everything that decides what our turn hears, except for parts fitted to it
    afterward.
    """
    model = [path for path in _files(load_settings().model) if path.name != CONFIDENCE]
    return hash_of(_turn(), hash_of(sorted(model)), _settings())


def hash_of(files: Iterable[Path], *texts: str) -> str:
    """Return a digest of file contents, in this order, and texts."""
    digest = hashlib.sha256("\0".join(texts).encode())
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def imported(files: Iterable[Path]) -> list[Path]:
    """These files of the bot and all of its files that they import."""
    found: dict[Path, None] = {}
    waiting = list(files)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = None
        waiting += _imports(path)
    return sorted(found)


def _imports(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("bot"):
            base = PROJECT.joinpath(*node.module.split("."))
            candidates = [base / f"{alias.name}.py" for alias in node.names]
            for file in (base.with_suffix(".py"), base / "__init__.py", *candidates):
                if file.is_file():
                    yield file


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"]


def _settings() -> str:
    loaded = load_settings()
    return loaded.model_dump_json(include={"turn", "costs", "license_number", "attempts", "slow"})
