"""A folder of labeled recordings: audio files, and a manifest.csv of speakers and words.

The format is described in docs/acoustic_model.md. Columns that describe a recording (source, kind,
gender, accent) become groups for the figures; other columns are ignored.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.audio.files import read_audio
from bot.bounded_file import read_bounded
from bot.errors import AudioError

MANIFEST = "manifest.csv"
LARGEST_BYTES = 64 << 20
"""Maximum size of a manifest: half a million recordings."""
GROUPS = ("kind", "source", "gender", "accent", "speaker")
_RESPELLED = {"o": "oh", "licence": "license"}
_WORD = re.compile(r"[a-z]+(['-][a-z]+)*'?|'[a-z]+|\[unk\]")

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Labeled:
    """One recording; without words if nobody speaks."""

    path: Path
    name: str
    words: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    """Pairs of a kind of group and its name."""


def read_labeled(folder: Path) -> tuple[Labeled, ...]:
    """Read a manifest, and check that every file can be read.

    Raises AudioError, one line with the manifest's line number.
    """
    manifest = folder / MANIFEST
    found: dict[str, Labeled] = {}
    for number, row in _rows(manifest):
        where = f"{manifest}, line {number}"
        labeled = _labeled(folder, row, where)
        if labeled.name in found:
            raise AudioError(f"{where}: duplicate file {labeled.name}")
        _check_audible(labeled.path, where)
        found[labeled.name] = labeled
    if not found:
        raise AudioError(f"{manifest} lists no recordings")
    return tuple(found.values())


def _check_audible(path: Path, where: str) -> None:
    try:
        read_audio(path)
    except AudioError as error:
        raise AudioError(f"{where}: {error}") from None


def _rows(manifest: Path) -> Iterator[tuple[int, Row]]:
    try:
        content = read_bounded(manifest, LARGEST_BYTES).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(content, newline=""), strict=True)
        _check_columns(manifest, frozenset(reader.fieldnames or ()))
        for row in reader:
            if None in row:
                where = f"{manifest}, line {reader.line_num}"
                raise AudioError(
                    f"{where}: more cells than columns; is there a comma in the words?"
                )
            yield reader.line_num, {key: value or "" for key, value in row.items()}
    except FileNotFoundError:
        raise AudioError(f"{manifest} is missing; it must list the files and their words") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AudioError(f"{manifest} cannot be read: {error}") from None


def _check_columns(manifest: Path, columns: frozenset[str]) -> None:
    missing = [] if "file" in columns else ["file"]
    missing += [] if columns & {"words", "text"} else ["words"]
    if missing:
        raise AudioError(f"{manifest} lacks the columns: {', '.join(missing)}")


def _labeled(folder: Path, row: Row, where: str) -> Labeled:
    name = row["file"].strip()
    if not name:
        raise AudioError(f"{where}: file is missing")
    if not (folder / name).is_file():
        raise AudioError(f"{where}: {name} is missing")
    said = row["words"] if "words" in row else row["text"]
    words = tuple(_RESPELLED.get(word, word) for word in said.lower().split())
    for word in words:
        if not _WORD.fullmatch(word):
            raise AudioError(f"{where}: {word!r} is not a word in letters")
    groups = tuple((by, group) for by in GROUPS if (group := row.get(by, "").strip()))
    return Labeled(folder / name, name, words, groups)
