"""The recordings the model is trained on, each set described by a manifest.

A manifest is ``manifest.csv`` (UTF-8, with a header) beside its audio files. Columns:

=============  ========  ===========================================================================
``file``       required  WAV or FLAC, 8 to 48 kHz, relative to the manifest's folder
``words``      required  what is said, lower case, separated by spaces; empty: nobody speaks;
               ``[unk]`` for a word that no dictionary has (``text`` is read as ``words``)
``speaker``    required  any id that is unique to the person
``licence``    optional  of the recording; required unless the source states one for all its files
``source``     optional  where the file comes from; default: the folder's name
``split``      optional  added to the source (``an4`` + ``dev`` → ``an4-dev``), so that folds by
               speaker stay possible
=============  ========  ===========================================================================

``gender``, ``kind``, ``accent``, ``seconds``, and ``dur_s`` are allowed and ignored. Any other
column is an error, and so is a word without a known pronunciation.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from acoustic_model.errors import SourceError
from acoustic_model.lexicon.lexicon import WORDS

JUDGED_SOURCES = frozenset({"an4-dev"})
"""Sources that models are scored on; training leaves them out."""

EVALUATION_FOLDERS = frozenset({"dev", "dev_words", "dev_sentences", "oog_dev"})
"""Never trained on, so that scores hold for strangers' telephones."""

_NOT_READ = frozenset({"gender", "kind", "accent", "seconds", "dur_s"})
_COLUMNS = frozenset({"file", "words", "text", "speaker", "licence", "source", "split"})
_RESPELLED = {"o": "oh", "licence": "license"}
_WORD = re.compile(r"[a-z]+(['-][a-z]+)*'?|'[a-z]+|\[unk\]")
_AN4 = "BSD-style (CMU AN4: any use, keep the notice)"


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of recordings with a manifest, and what applies to all of its files."""

    folder: Path
    name: str = ""
    """Default of the ``source`` column; if empty, the folder's name."""
    licence: str = ""
    """Default of the ``licence`` column."""
    transcribed: bool = True
    """False for fluent speech without a transcript: all of it is ``[unk]``."""
    any_word: bool = False
    """True if words may be missing from the dictionary; those train only ``[unk]``."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One line of a manifest."""

    path: Path
    where: str
    """The manifest and line number, for messages."""
    words: tuple[str, ...]
    """As transcribed, lower case ("o" is read as "oh"), not yet mapped to a vocabulary."""
    speaker: str
    source: str
    licence: str
    transcribed: bool


def shared_sources(audio: Path) -> tuple[Source, ...]:
    """The training sets below the folder of shared recordings."""
    return (
        Source(audio / "train_an4", name="an4", licence=_AN4),
        Source(audio / "train_words"),
        Source(audio / "train_sentences", any_word=True),
        Source(audio / "background", licence="CC BY 4.0", transcribed=False),
    )


def read_source(source: Source) -> tuple[Recording, ...]:
    """Reads and checks a manifest; raises :class:`SourceError` for the first error in it."""
    manifest = source.folder / "manifest.csv"
    if source.folder.name in EVALUATION_FOLDERS:
        raise SourceError(f"{source.folder} is for evaluation and must not be trained on")
    found: dict[Path, Recording] = {}
    for number, row in _rows(manifest):
        where = f"{manifest}, line {number}"
        recording = _recording(source, row, where)
        if recording.path in found:
            raise SourceError(f"{where}: duplicate file {recording.path.name}")
        if not source.any_word:
            _check_pronounced(recording.words, where)
        found[recording.path] = recording
    if not found:
        raise SourceError(f"{manifest} lists no files")
    return tuple(found.values())


def to_vocabulary(words: Iterable[str], vocabulary: frozenset[str]) -> tuple[str, ...]:
    """Maps each stretch of words outside `vocabulary` to one ``[unk]``; keeps the others."""
    mapped: list[str] = []
    for spoken in words:
        word = spoken if spoken in vocabulary else "[unk]"
        if word != "[unk]" or mapped[-1:] != ["[unk]"]:
            mapped.append(word)
    return tuple(mapped)


def _rows(manifest: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line number."""
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = frozenset(reader.fieldnames or ())
            _check_columns(manifest, columns)
            for row in reader:
                if None in row:
                    where = f"{manifest}, line {reader.line_num}"
                    raise SourceError(
                        f"{where}: more cells than columns; is there a comma in the words?"
                    )
                yield reader.line_num, {key: value or "" for key, value in row.items()}
    except FileNotFoundError as error:
        raise SourceError(f"{manifest} is missing") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{manifest} cannot be read: {error}") from error


def _check_columns(manifest: Path, columns: frozenset[str]) -> None:
    if not columns:
        raise SourceError(f"{manifest} is empty")
    if unknown := sorted(columns - _COLUMNS - _NOT_READ):
        raise SourceError(f"{manifest} has unknown columns: {', '.join(unknown)}")
    missing = [name for name in ("file", "speaker") if name not in columns]
    if not columns & {"words", "text"}:
        missing.append("words")
    if missing:
        raise SourceError(f"{manifest} lacks the columns: {', '.join(missing)}")


def _recording(source: Source, row: dict[str, str], where: str) -> Recording:
    name, speaker = row["file"].strip(), row["speaker"].strip()
    licence = row.get("licence", "").strip() or source.licence
    if not name or not speaker or not licence:
        lacking = "file" if not name else "speaker" if not speaker else "licence"
        raise SourceError(f"{where}: {lacking} is missing")
    path = source.folder / name
    if not path.is_file():
        raise SourceError(f"{where}: {name} is missing")
    transcript = (row.get("words") or row.get("text") or "").lower().split()
    words = tuple(_RESPELLED.get(word, word) for word in transcript)
    for word in words:
        if not _WORD.fullmatch(word):
            raise SourceError(f"{where}: {word!r} is not a word in letters")
    origin = row.get("source", "").strip() or source.name or source.folder.name
    split = row.get("split", "").strip()
    origin = re.sub(r"[^a-z0-9]+", "-", f"{origin} {split}".lower()).strip("-")
    return Recording(path, where, words, speaker, origin, licence, source.transcribed)


def _check_pronounced(words: Iterable[str], where: str) -> None:
    """Rejects words that neither the model nor CMUdict knows: a typo, or useless for training."""
    others = [word for word in words if word not in WORDS]
    if not others:
        return
    from acoustic_model.lexicon.spelling import sounds  # noqa: PLC0415  needs the acoustic extra

    for word in others:
        if not sounds(word):
            raise SourceError(f"{where}: {word!r} has no pronunciation; correct it, or write [unk]")
